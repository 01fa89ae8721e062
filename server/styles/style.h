#pragma once
/* A style: a ready prompt with a title, a preset and a preview, that fits itself to the avatar. Styles are data
   (styles.h) and immutable. What these functions return is borrowed from the styles and lives as long as they.

   A style is used in three steps:

       style = styles_find(styles, template_id);                            slugs; a UUID names an own one: own_style.h
       variant = style_variant(style, user);                                which of its prompts this user gets
       style_prompt_write(style, variant, &wearer, &choices, &prompt, &faults)

   The prompt has no trigger: generations/prompt.h puts it in front. */
#include <stdint.h>

#include "base/buf.h"
#include "base/faults.h"
#include "base/uuid.h"
#include "catalog/avatar_model.h"
#include "catalog/preset.h"
#include "json/json_in.h"

enum {
    STYLE_ID_ROOM = 40, /* of slugs, and of UUIDs as well */
    STYLE_EMOJI_ROOM = 32,
    STYLE_NAME_ROOM = 24, /* of choices, options, variants, tags */
    STYLE_CATEGORIES_MAX = 8,
    STYLE_GROUPS_MAX = 8, /* in a category */
    STYLE_TAGS_MAX = 8,   /* of a style */
    STYLE_CHOICES_MAX = 4,
    STYLE_OPTIONS_MAX = 8,
    STYLE_VARIANTS_MAX = 4,
    STYLE_PROMPT_MAX = 1000, /* code points of what is written */
    STYLE_PROMPT_ROOM = 1024,
};

/* A word that styles have in common; what is recommended goes by them. */
struct style_tag {
    char id[STYLE_NAME_ROOM];
    struct words title;
};

/* A sub-category: "business" of "portrait". */
struct style_group {
    char id[STYLE_NAME_ROOM], emoji[STYLE_EMOJI_ROOM];
    struct words title;
    const struct style_category *category;
};

struct style_category {
    char id[STYLE_NAME_ROOM], emoji[STYLE_EMOJI_ROOM];
    struct words title;
    struct style_groups {
        int count;
        struct style_group at[STYLE_GROUPS_MAX];
    } groups;
};

/* The texts of a prompt. {name} stands for the text of what is chosen for that choice; {subject} (man, woman, person),
   {their} and {outfit} follow the avatar's gender and stand in prompts for portraits alone. */
struct style_prompts {
    char person[STYLE_PROMPT_ROOM];                                                    /* portraits */
    char male[STYLE_PROMPT_ROOM], female[STYLE_PROMPT_ROOM], other[STYLE_PROMPT_ROOM]; /* "": person */
    char style[STYLE_PROMPT_ROOM]; /* style avatars: a manner of drawing, nobody in particular */
    struct style_outfit {
        char male[240], female[240], other[240];
    } outfit; /* "": none */
};

struct style_variant {
    char name[STYLE_NAME_ROOM]; /* "": the style has one prompt only, and nothing is compared */
    int64_t weight;
    struct style_prompts prompts;
};

struct style_option {
    char value[STYLE_NAME_ROOM];
    struct words title;
    char prompt[240];
};

struct style_choice {
    char name[STYLE_NAME_ROOM];
    struct words title;
    struct style_options {
        int count;
        struct style_option at[STYLE_OPTIONS_MAX]; /* the first is the default */
    } options;
};

struct style {
    char id[STYLE_ID_ROOM];
    const struct style_group *group;
    struct words title, description;
    char preset[24];
    bool quick; /* a quick look: fit for one click, without choosing anything */
    struct style_tags {
        int count;
        const struct style_tag *at[STYLE_TAGS_MAX];
    } tags;
    struct style_choices {
        int count;
        struct style_choice at[STYLE_CHOICES_MAX];
    } choices;
    struct style_variants {
        int count; /* at least 1 */
        struct style_variant at[STYLE_VARIANTS_MAX];
    } variants;
    int index; /* among all styles, in the order of the files */
};

/* What a user chose: {"place": "beach"}. Absent choices are the defaults. */
struct style_chosen {
    int count;
    struct style_chosen_item {
        char name[STYLE_NAME_ROOM], value[STYLE_NAME_ROOM];
    } at[STYLE_CHOICES_MAX];
};

/* Who is in the picture. gender: "male", "female", or anything else, which is nobody's in particular. */
struct style_wearer {
    enum avatar_type type;
    const char *gender;
};

/* A json_custom_fn: an object of texts into the struct style_chosen at at. */
void style_chosen_read(yajl_val value, void *at, const char *field, struct faults *faults);
/* The same from "place:beach,light:soft", as a query string has it; "" is none. field names it in faults. */
bool style_chosen_parse(const char *text, struct style_chosen *ret, const char *field, struct faults *faults);
/* The value chosen for the name; NULL: none. */
const char *style_chosen_value(const struct style_chosen *chosen, const char *name);

/* The variant that this user gets of this style: always the same one, over all users in proportion to the weights. */
const struct style_variant *style_variant(const struct style *style, struct uuid user);
/* By its name; NULL: there is none (any more). */
const struct style_variant *style_variant_named(const struct style *style, const char *name);

/* Appends the prompt, at most STYLE_PROMPT_MAX code points. False, with faults under "choices.{name}": a choice that
   the style does not have, or a value that the choice does not have. chosen NULL: all defaults. */
bool style_prompt_write(const struct style *style, const struct style_variant *variant,
                        const struct style_wearer *wearer, const struct style_chosen *chosen, struct buf *prompt,
                        struct faults *faults);
/* The same for a text of a user's own, in which {subject} and {their} may stand; other braces are left as they are.
   False: the result is over STYLE_PROMPT_MAX, and nothing is appended. */
bool style_own_prompt_write(struct text own, const struct style_wearer *wearer, struct buf *prompt);
