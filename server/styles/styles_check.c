/* The checks across the files of styles: what they name must exist, and each prompt must be whole in every case. */
#include <string.h>

#include "base/uuid.h"
#include "styles/style_words.h"
#include "styles/styles_inside.h"

/* What is being checked, for the words of a fault. */
struct place {
    const char *file, *style;
    const char *what; /* "choices", "variants" …; NULL: the style as a whole */
    struct err *reterr;
};

static bool bad(const struct place *at, const char *name, const char *why)
{
    return err_set(at->reterr, ERR_INTERNAL, "data_file", "%s.json: style \"%s\": %s%s\"%.40s\": %s", at->file,
                   at->style, at->what ? at->what : "", at->what ? " " : "", name, why);
}

static bool bad_overview(struct err *reterr, const char *what, const char *name, const char *why)
{
    return err_set(reterr, ERR_INTERNAL, "data_file", "categories.json: %s \"%s\": %s", what, name, why);
}

/* a-z, 0-9 and one mark between them. */
static bool is_slug(const char *id, char mark)
{
    for (const char *c = id; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != mark)
            return false;
    return *id != mark;
}

/* Categories, groups and tags */

/* How often the id stands among categories and groups, which share one parameter. */
static int times(const struct styles *styles, const char *id)
{
    const struct style_category *category;
    int count = 0;

    for (int i = 0; (category = styles_category_at(styles, i)); i++) {
        count += strcmp(category->id, id) == 0;
        for (int j = 0; j < category->groups.count; j++)
            count += strcmp(category->groups.at[j].id, id) == 0;
    }
    return count;
}

static bool check_overview_id(const struct styles *styles, const char *what, const char *id, struct err *reterr)
{
    if (!is_slug(id, '-'))
        return bad_overview(reterr, what, id, "an id has a-z, 0-9 and -");
    if (strcmp(id, STYLES_OWN_CATEGORY) == 0)
        return bad_overview(reterr, what, id, "is the category of users' own");
    return times(styles, id) == 1 || bad_overview(reterr, what, id, "stands twice");
}

static bool check_groups(struct styles *styles, struct style_category *category, struct err *reterr)
{
    for (int j = 0; j < category->groups.count; j++) {
        struct style_group *group = &category->groups.at[j];
        group->category = category;
        if (!check_overview_id(styles, "group", group->id, reterr))
            return false;
    }
    return true;
}

static bool check_tags(const struct styles *styles, struct err *reterr)
{
    const struct style_tag *tag;

    for (int i = 0; (tag = styles_tag_at(styles, i)); i++) {
        if (!is_slug(tag->id, '-'))
            return bad_overview(reterr, "tag", tag->id, "an id has a-z, 0-9 and -");
        for (int j = 0; j < i; j++)
            if (strcmp(styles_tag_at(styles, j)->id, tag->id) == 0)
                return bad_overview(reterr, "tag", tag->id, "stands twice");
    }
    return true;
}

static bool check_overview(struct styles *styles, struct err *reterr)
{
    struct styles_categories *all = &styles->overview.categories;

    for (int i = 0; i < all->count; i++)
        if (!check_overview_id(styles, "category", all->at[i].id, reterr) || !check_groups(styles, &all->at[i], reterr))
            return false;
    return check_tags(styles, reterr);
}

/* The choices of a style */

static bool is_taken(const char *name)
{
    return strcmp(name, "subject") == 0 || strcmp(name, "their") == 0 || strcmp(name, "outfit") == 0;
}

static const char *fault_of_option(const struct style_choice *choice, int index)
{
    const struct style_option *option = &choice->options.at[index];

    if (!is_slug(option->value, '-'))
        return "a value has a-z, 0-9 and -";
    if (strpbrk(option->prompt, "{}"))
        return "its prompt may have no placeholder";
    for (int i = 0; i < index; i++)
        if (strcmp(choice->options.at[i].value, option->value) == 0)
            return "stands twice";
    return NULL;
}

static const char *fault_of_choice(const struct style *style, int index)
{
    const struct style_choice *choice = &style->choices.at[index];

    for (const char *c = choice->name; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && *c != '_')
            return "a name has a-z and _";
    if (is_taken(choice->name))
        return "this placeholder follows the avatar";
    if (choice->options.count < 2)
        return "needs at least two options";
    for (int i = 0; i < index; i++)
        if (strcmp(style->choices.at[i].name, choice->name) == 0)
            return "stands twice";
    return NULL;
}

static bool check_choices(const struct style *style, struct place at)
{
    const char *why;

    for (int i = 0; i < style->choices.count; i++) {
        const struct style_choice *choice = &style->choices.at[i];
        at.what = "choice";
        if ((why = fault_of_choice(style, i)))
            return bad(&at, choice->name, why);
        at.what = choice->name;
        for (int j = 0; j < choice->options.count; j++)
            if ((why = fault_of_option(choice, j)))
                return bad(&at, choice->options.at[j].value, why);
    }
    return true;
}

/* The prompts of a style */

static size_t longest_option(const struct style_choice *choice)
{
    size_t longest = 0;

    for (int i = 0; i < choice->options.count; i++) {
        size_t count = text_code_points(text_of(choice->options.at[i].prompt));
        longest = count > longest ? count : longest;
    }
    return longest;
}

static size_t longest_outfit(const struct style_outfit *outfit)
{
    size_t male = text_code_points(text_of(outfit->male)), female = text_code_points(text_of(outfit->female)),
           other = text_code_points(text_of(outfit->other)), most = male > female ? male : female;

    return most > other ? most : other;
}

static const struct style_choice *choice_named(const struct style *style, struct text name)
{
    for (int i = 0; i < style->choices.count; i++)
        if (text_equal(text_of(style->choices.at[i].name), name))
            return &style->choices.at[i];
    return NULL;
}

/* How long what stands for the placeholder can become; 0: there is no such placeholder here. */
static size_t longest_of(const struct style *style, const struct style_prompts *prompts, bool person, struct text name)
{
    const struct style_choice *choice = choice_named(style, name);

    if (choice)
        return longest_option(choice);
    if (person && (text_equal(name, TEXT("subject")) || text_equal(name, TEXT("their"))))
        return sizeof "person" - 1;
    return person && text_equal(name, TEXT("outfit")) ? longest_outfit(&prompts->outfit) : 0;
}

static bool stands_in(const char *text, const char *name)
{
    struct text rest = text_of(text);
    struct style_piece piece;

    while (style_words_next(&rest, &piece))
        if (piece.is_placeholder && text_equal(piece.text, text_of(name)))
            return true;
    return false;
}

static bool check_pieces(const struct style *style, const struct style_prompts *prompts, const char *text, bool person,
                         const struct place *at)
{
    struct text rest = text_of(text);
    struct style_piece piece;
    size_t total = 0, longest;

    while (style_words_next(&rest, &piece)) {
        char name[64];
        if (!piece.is_placeholder &&
            (memchr(piece.text.at, '{', piece.text.len) || memchr(piece.text.at, '}', piece.text.len)))
            return bad(at, text, "a brace that belongs to no placeholder");
        longest = piece.is_placeholder ? longest_of(style, prompts, person, piece.text) : text_code_points(piece.text);
        if (!longest)
            return bad(at, text_copy(name, sizeof name, piece.text) ? name : "…", "no such placeholder here");
        total += longest;
    }
    return total <= STYLE_PROMPT_MAX || bad(at, text, "becomes longer than a prompt may be");
}

static bool check_prompt(const struct style *style, const struct style_prompts *prompts, const char *text, bool person,
                         const struct place *at)
{
    if (!*text)
        return true;
    if (!check_pieces(style, prompts, text, person, at))
        return false;
    for (int i = 0; i < style->choices.count; i++)
        if (!stands_in(text, style->choices.at[i].name))
            return bad(at, style->choices.at[i].name, "a choice that this prompt does not use");
    if (person && *prompts->outfit.male && !stands_in(text, "outfit"))
        return bad(at, "outfit", "is given, and this prompt does not use it");
    return true;
}

static bool check_prompts(const struct style *style, const struct style_prompts *prompts, struct place at)
{
    const struct {
        const char *name, *text;
        bool person;
    } all[] = {{"prompt for person:", prompts->person, true},
               {"prompt for male:", prompts->male, true},
               {"prompt for female:", prompts->female, true},
               {"prompt for other:", prompts->other, true},
               {"prompt for style:", prompts->style, false}};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        at.what = all[i].name;
        if (!check_prompt(style, prompts, all[i].text, all[i].person, &at))
            return false;
    }
    return true;
}

static bool check_variants(const struct style_entry *entry, struct place at)
{
    const struct style_variants *variants = &entry->style.variants;

    at.what = "variant";
    for (int i = 0; i < variants->count; i++) {
        const char *name = variants->at[i].name;
        if (!entry->has_prompts && !is_slug(name, '-'))
            return bad(&at, name, "a name has a-z, 0-9 and -");
        for (int j = 0; j < i; j++)
            if (strcmp(variants->at[j].name, name) == 0)
                return bad(&at, name, "stands twice");
        if (!check_prompts(&entry->style, &variants->at[i].prompts, at))
            return false;
    }
    return true;
}

/* One prompt is a single variant without a name. */
static bool settle_variants(struct style_entry *entry, const struct place *at)
{
    struct style_variants *variants = &entry->style.variants;

    if (entry->has_prompts == (variants->count > 0))
        return bad(at, "prompts", "give either prompts or variants");
    if (variants->count == 1)
        return bad(at, "variants", "one alone is no comparison: give prompts");
    if (entry->has_prompts) {
        variants->count = 1;
        variants->at[0].weight = 1;
    }
    return true;
}

/* A style as a whole */

static bool resolve_tags(const struct styles *styles, struct style_entry *entry, const struct place *at)
{
    struct style_tags *tags = &entry->style.tags;

    for (int i = 0; i < entry->tags.count; i++) {
        const struct style_tag *tag;
        for (int j = 0; (tag = styles_tag_at(styles, j)); j++)
            if (strcmp(tag->id, entry->tags.at[i]) == 0)
                break;
        if (!tag)
            return bad(at, entry->tags.at[i], "no such tag");
        tags->at[tags->count++] = tag;
    }
    return true;
}

static bool check_id(const struct styles *styles, const struct style *style, const struct place *at)
{
    static const char *const ADDRESSES[] = {"categories", "popular", "recommended", "favorites"};
    struct uuid uuid;

    if (!is_slug(style->id, '-') || uuid_read(text_of(style->id), &uuid))
        return bad(at, style->id, "an id has a-z, 0-9 and -, and is no UUID");
    for (size_t i = 0; i < sizeof ADDRESSES / sizeof ADDRESSES[0]; i++)
        if (strcmp(style->id, ADDRESSES[i]) == 0)
            return bad(at, style->id, "is an address of the API");
    return styles_find(styles, style->id) == style || bad(at, style->id, "stands twice");
}

static bool check_preset(const struct catalog *catalog, const struct style *style, const struct place *at)
{
    const struct preset *preset = catalog_preset(catalog, style->preset);

    if (!preset)
        return bad(at, style->preset, "no such preset");
    return !preset->settings.use_ultra || bad(at, style->preset, "a preset that portraits cannot use");
}

static bool check_entry(struct styles *styles, struct style_entry *entry, const struct catalog *catalog,
                        struct err *reterr)
{
    struct style *style = &entry->style;
    const struct style_category *category = styles_category_at(styles, entry->category);
    struct place at = {category->id, style->id, NULL, reterr};

    style->group = styles_group(styles, entry->group);
    if (!style->group || style->group->category != category)
        return bad(&at, entry->group, "no such group in this category");
    return check_id(styles, style, &at) && check_preset(catalog, style, &at) && resolve_tags(styles, entry, &at) &&
           settle_variants(entry, &at) && check_choices(style, at) && check_variants(entry, at);
}

static bool check_filled(const struct styles *styles, struct err *reterr)
{
    const struct style_category *category;

    for (int i = 0; (category = styles_category_at(styles, i)); i++)
        for (int j = 0; j < category->groups.count; j++)
            if (!styles_count_in(styles, category->groups.at[j].id))
                return bad_overview(reterr, "group", category->groups.at[j].id, "has no styles");
    return true;
}

bool styles_check(struct styles *styles, const struct catalog *catalog, struct err *reterr)
{
    if (!check_overview(styles, reterr))
        return false;
    for (int i = 0; i < styles->count; i++)
        if (!check_entry(styles, styles->entries[i], catalog, reterr))
            return false;
    return check_filled(styles, reterr);
}
