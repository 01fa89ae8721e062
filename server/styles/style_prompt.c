/* The prompt of a style for one avatar. */
#include <stdio.h>
#include <string.h>

#include "styles/style.h"
#include "styles/style_words.h"

enum { PROMPT_MAX_BYTES = 4 * STYLE_PROMPT_MAX };

static const char *text_for(const struct style_prompts *prompts, const struct style_wearer *wearer)
{
    const char *gender = wearer->gender ? wearer->gender : "other", *own = prompts->other;

    if (wearer->type == AVATAR_STYLE)
        return prompts->style;
    if (strcmp(gender, "male") == 0)
        own = prompts->male;
    else if (strcmp(gender, "female") == 0)
        own = prompts->female;
    return *own ? own : prompts->person;
}

static const char *outfit_for(const struct style_outfit *outfit, const char *gender)
{
    if (gender && strcmp(gender, "male") == 0)
        return outfit->male;
    return gender && strcmp(gender, "female") == 0 ? outfit->female : outfit->other;
}

static const struct style_choice *choice_named(const struct style *style, struct text name)
{
    for (int i = 0; i < style->choices.count; i++)
        if (text_equal(text_of(style->choices.at[i].name), name))
            return &style->choices.at[i];
    return NULL;
}

static const struct style_option *option_of(const struct style_choice *choice, const char *value)
{
    for (int i = 0; i < choice->options.count; i++)
        if (strcmp(choice->options.at[i].value, value) == 0)
            return &choice->options.at[i];
    return NULL;
}

/* What is chosen for the choice, or its first option. All that was chosen is known to exist. */
static const char *chosen_text(const struct style_choice *choice, const struct style_chosen *chosen)
{
    const char *value = chosen ? style_chosen_value(chosen, choice->name) : NULL;
    const struct style_option *option = value ? option_of(choice, value) : NULL;

    return option ? option->prompt : choice->options.at[0].prompt;
}

static void name_options(const struct style_choice *choice, struct fault *named)
{
    CLEANUP(buf_done) struct buf names = buf_make(sizeof named->what - 1);

    for (int i = 0; i < choice->options.count; i++)
        (void)buf_add_format(&names, "%s%s", i ? ", " : "", choice->options.at[i].value);
    (void)snprintf(named->what, sizeof named->what, "%s", names.bytes);
}

static bool check_chosen(const struct style *style, const struct style_chosen *chosen, struct faults *faults)
{
    int before = faults->count;

    for (int i = 0; i < chosen->count; i++) {
        const struct style_choice *choice = choice_named(style, text_of(chosen->at[i].name));
        struct fault named = {0};
        if (!choice) {
            (void)faults_add_what(faults, "choices", "unknown_choice", text_of(chosen->at[i].name));
        } else if (!option_of(choice, chosen->at[i].value)) {
            (void)snprintf(named.field, sizeof named.field, "choices.%s", choice->name);
            name_options(choice, &named);
            (void)faults_add_what(faults, named.field, "not_one_of", text_of(named.what));
        }
    }
    return faults->count == before;
}

struct filling {
    const struct style *style; /* NULL: a text of a user's own */
    const struct style_outfit *outfit;
    const struct style_wearer *wearer;
    const struct style_chosen *chosen;
};

/* NULL: nothing of that name. */
static const char *filled(const struct filling *with, struct text name)
{
    bool person = with->wearer->type == AVATAR_PORTRAIT;
    const char *gender = person ? with->wearer->gender : NULL;
    const struct style_choice *choice;

    if (text_equal(name, TEXT("subject")))
        return style_words_subject(gender);
    if (text_equal(name, TEXT("their")))
        return style_words_their(gender);
    if (!with->style)
        return NULL;
    if (text_equal(name, TEXT("outfit")))
        return outfit_for(with->outfit, gender);
    choice = choice_named(with->style, name);
    return choice ? chosen_text(choice, with->chosen) : NULL;
}

static bool write_filled(struct text rest, const struct filling *with, struct buf *to)
{
    struct style_piece piece;

    while (style_words_next(&rest, &piece)) {
        const char *words = piece.is_placeholder ? filled(with, piece.text) : NULL;
        bool ok = words                  ? buf_add_text(to, words)
                  : piece.is_placeholder ? buf_add(to, piece.text.at - 1, piece.text.len + 2)
                                         : buf_add(to, piece.text.at, piece.text.len);
        if (!ok)
            return false;
    }
    return true;
}

static bool append(struct text text, const struct filling *with, struct buf *prompt)
{
    CLEANUP(buf_done) struct buf made = buf_make(PROMPT_MAX_BYTES);

    return write_filled(text, with, &made) &&
           text_code_points((struct text){made.bytes, made.len}) <= STYLE_PROMPT_MAX &&
           buf_add(prompt, made.bytes, made.len);
}

bool style_prompt_write(const struct style *style, const struct style_variant *variant,
                        const struct style_wearer *wearer, const struct style_chosen *chosen, struct buf *prompt,
                        struct faults *faults)
{
    struct filling with = {style, &variant->prompts.outfit, wearer, chosen};

    if (chosen && !check_chosen(style, chosen, faults))
        return false;
    return append(text_of(text_for(&variant->prompts, wearer)), &with, prompt) ||
           faults_add_range(faults, "choices", "too_long", 0, STYLE_PROMPT_MAX);
}

bool style_own_prompt_write(struct text own, const struct style_wearer *wearer, struct buf *prompt)
{
    struct filling with = {.wearer = wearer};

    return append(own, &with, prompt);
}
