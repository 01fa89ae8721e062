#include "web/style_view.h"

#include <stdio.h>
#include <string.h>

#include "local.h"
#include "styles/styles.h"
#include "web/create_choices.h"
#include "web/form_faults.h"
#include "web/page.h"
#include "web/style_prompt.h"

struct option_view {
    const char *id, *value, *title;
    bool checked;
};

struct choice_view {
    const char *id, *field, *title, *error;
    struct view_items options;
};

struct tag_view {
    const char *title, *url;
};

struct style_view {
    struct style_desk desk;
    struct style_card card;
    struct view_items tags, choices, counts, presets, errors;
    const char *prompt; /* NULL: no avatar to make it for */
    int64_t prompt_length;
    const char *words_url; /* the form of one's own description, filled with it */
    struct text category_title;
    const char *category_url;
    bool has_choices, has_errors, has_price, is_short, has_fewer, was_short, has_note;
    int64_t price, min_seconds, max_seconds, num_images;
    struct text trouble_title, trouble_advice;
    const char *count_error, *preset_error, *avatar_error;
    const char *preset_title;
    bool may_send;
};

static const struct view_field OPTION_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct option_view, id),
    VIEW_FIELD(VIEW_STRING, struct option_view, value),
    VIEW_FIELD(VIEW_STRING, struct option_view, title),
    VIEW_FIELD(VIEW_BOOL, struct option_view, checked),
    {0},
};
static const struct view_type option_type = VIEW_TYPE(struct option_view, OPTION_FIELDS);

static const struct view_field CHOICE_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct choice_view, id),
    VIEW_FIELD(VIEW_STRING, struct choice_view, field),
    VIEW_FIELD(VIEW_STRING, struct choice_view, title),
    VIEW_FIELD(VIEW_STRING, struct choice_view, error),
    VIEW_FIELD(VIEW_ITEMS, struct choice_view, options, .type = &option_type),
    {0},
};
static const struct view_type choice_type_of_style = VIEW_TYPE(struct choice_view, CHOICE_FIELDS);

static const struct view_field TAG_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct tag_view, title),
    VIEW_FIELD(VIEW_STRING, struct tag_view, url),
    {0},
};
static const struct view_type tag_type = VIEW_TYPE(struct tag_view, TAG_FIELDS);

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRUCT, struct style_view, desk, .type = &style_desk_type),
    VIEW_FIELD(VIEW_STRUCT, struct style_view, card, .type = &style_card_type),
    VIEW_FIELD(VIEW_ITEMS, struct style_view, tags, .type = &tag_type),
    VIEW_FIELD(VIEW_ITEMS, struct style_view, choices, .type = &choice_type_of_style),
    VIEW_FIELD(VIEW_ITEMS, struct style_view, counts, .type = &count_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct style_view, presets, .type = &preset_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct style_view, errors, .type = &form_fault_type),
    VIEW_FIELD(VIEW_STRING, struct style_view, prompt),
    VIEW_FIELD(VIEW_STRING, struct style_view, words_url),
    VIEW_FIELD(VIEW_STRING, struct style_view, category_url),
    VIEW_FIELD(VIEW_TEXT, struct style_view, category_title),
    VIEW_FIELD(VIEW_BOOL, struct style_view, has_choices),
    VIEW_FIELD(VIEW_BOOL, struct style_view, has_errors),
    VIEW_FIELD(VIEW_BOOL, struct style_view, has_price),
    VIEW_FIELD(VIEW_BOOL, struct style_view, is_short),
    VIEW_FIELD(VIEW_BOOL, struct style_view, has_fewer),
    VIEW_FIELD(VIEW_BOOL, struct style_view, was_short),
    VIEW_FIELD(VIEW_INT64, struct style_view, price),
    VIEW_FIELD(VIEW_INT64, struct style_view, min_seconds),
    VIEW_FIELD(VIEW_INT64, struct style_view, max_seconds),
    VIEW_FIELD(VIEW_INT64, struct style_view, num_images),
    VIEW_FIELD(VIEW_TEXT, struct style_view, trouble_title),
    VIEW_FIELD(VIEW_TEXT, struct style_view, trouble_advice),
    VIEW_FIELD(VIEW_STRING, struct style_view, count_error),
    VIEW_FIELD(VIEW_STRING, struct style_view, preset_error),
    VIEW_FIELD(VIEW_STRING, struct style_view, avatar_error),
    VIEW_FIELD(VIEW_STRING, struct style_view, preset_title),
    VIEW_FIELD(VIEW_BOOL, struct style_view, may_send),
    {0},
};
const struct view_type style_view_type = VIEW_TYPE(struct style_view, FIELDS);

static const char *format(struct call *call, const char *before, const char *middle, const char *after)
{
    char text[200];

    (void)snprintf(text, sizeof text, "%s%s%s", before, middle, after);
    return call_text(call, text_of(text));
}

/* What is chosen is checked; a value that is no option leaves the default checked, and the fault says so. */
static struct view_items options_of(struct call *call, const struct style_choice *choice, const char *chosen)
{
    struct option_view *options = call_alloc(call, sizeof *options * STYLE_OPTIONS_MAX);
    int checked = 0;

    for (int i = 0; i < choice->options.count; i++) {
        const struct style_option *option = &choice->options.at[i];
        char id[2 * STYLE_NAME_ROOM + 2];
        (void)snprintf(id, sizeof id, "%s-%s", choice->name, option->value);
        options[i] = (struct option_view){
            .id = call_text(call, text_of(id)), .value = option->value, .title = words_in(&option->title, call->lang)};
        checked = strcmp(option->value, chosen) == 0 ? i : checked;
    }
    options[checked].checked = true;
    return (struct view_items){options, (size_t)choice->options.count};
}

static struct view_items choices_of_style(struct call *call, const struct style *style, const struct style_form *form)
{
    struct choice_view *choices = call_alloc(call, sizeof *choices * STYLE_CHOICES_MAX);
    int count = style ? style->choices.count : 0;

    for (int i = 0; i < count; i++) {
        const struct style_choice *choice = &style->choices.at[i];
        choices[i] = (struct choice_view){
            .id = format(call, "choices-", choice->name, ""),
            .field = format(call, "choice_", choice->name, ""),
            .title = words_in(&choice->title, call->lang),
            .options = options_of(call, choice, form->chosen[i]),
        };
    }
    return (struct view_items){choices, (size_t)count};
}

/* Each leads to a search for it. */
static struct view_items tags_of(struct call *call, const struct style *style)
{
    struct tag_view *tags = call_alloc(call, sizeof *tags * STYLE_TAGS_MAX);
    int count = style ? style->tags.count : 0;
    char word[160];

    for (int i = 0; i < count; i++) {
        tags[i].title = words_in(&style->tags.at[i]->title, call->lang);
        (void)text_percent_encode(text_of(tags[i].title), word, sizeof word);
        tags[i].url = format(call, "/styles?q=", word, "");
    }
    return (struct view_items){tags, (size_t)count};
}

static void fill_price(struct style_view *view, int64_t count)
{
    const struct avatar_choice *avatar = view->desk.avatar;
    const struct preset_choice *preset = create_preset_checked(view->presets);
    int64_t each;

    view->num_images = count;
    if (!avatar || !preset)
        return;
    each = preset->is_ultra ? avatar->ultra_credits : avatar->credits;
    view->has_price = true;
    view->price = each * count;
    view->is_short = view->price > view->desk.available;
    view->has_fewer = count > 1 && each <= view->desk.available;
    view->min_seconds = preset->min_seconds;
    view->max_seconds = preset->max_seconds;
    view->preset_title = preset->title;
}

/* Fields of faults are anchors on the page: "choices.place" is at "choices-place". */
static struct faults anchored(const struct faults *faults)
{
    struct faults ret = *faults;

    for (int i = 0; i < ret.count; i++)
        for (char *at = ret.items[i].field; *at; at++)
            *at = *at == '.' ? '-' : *at;
    return ret;
}

static void fill_trouble(struct call *call, const struct create_trouble *trouble, struct style_view *view)
{
    const struct faults faults = anchored(&trouble->faults);

    view->errors = form_faults_of(call, &faults, "create");
    view->has_errors = view->errors.count > 0;
    view->count_error = form_fault_at(view->errors, "num_images");
    view->preset_error = form_fault_at(view->errors, "preset");
    view->avatar_error = form_fault_at(view->errors, "avatar_id");
    view->was_short = create_trouble_is_shortage(trouble->code);
    (void)create_trouble_words(call, trouble->code, &view->trouble_title, &view->trouble_advice);
}

/* Back to where it stands among the others. */
static void fill_category(struct call *call, const struct style *style, struct style_view *view)
{
    if (!style) {
        view->category_url = "/styles?category=" STYLES_OWN_CATEGORY;
        view->category_title = text_of(page_text(call, "styles.own"));
        return;
    }
    view->category_url = format(call, "/styles?category=", style->group->category->id, "");
    view->category_title = text_of(words_in(&style->group->category->title, call->lang));
}

static void fill_prompt(struct call *call, const struct style_subject *subject, const struct style_reads *reads,
                        const struct style_form *form, struct style_view *view)
{
    const struct style_chosen chosen = style_form_chosen(subject->shipped, form);
    char link[STYLE_FORM_LINK_ROOM], url[STYLE_FORM_LINK_ROOM + 40];
    struct style_form here = *form;

    view->prompt = style_prompt_shown(call, subject, reads, view->desk.avatar, &chosen);
    if (view->desk.avatar)
        here.avatar = view->desk.avatar->id;
    style_form_link("", subject->shipped, &here, link);
    (void)snprintf(url, sizeof url, "/create?style=%s%s%s", view->card.id, strchr(link, '?') ? "&" : "",
                   strchr(link, '?') ? strchr(link, '?') + 1 : "");
    view->words_url = call_text(call, text_of(url));
}

/* Links that choose another avatar keep the rest. */
static const char *here_of(struct call *call, const char *id, const struct style *style, const struct style_form *form)
{
    struct style_form others = *form;
    char link[STYLE_FORM_LINK_ROOM], here[STYLE_FORM_LINK_ROOM + 2];

    others.avatar = (struct uuid){""};
    style_form_link(id, style, &others, link);
    (void)snprintf(here, sizeof here, "%s%c", link, strchr(link, '?') ? '&' : '?');
    return call_text(call, text_of(here));
}

const struct style_view *style_view_make(struct call *call, const struct style_subject *subject,
                                         const struct style_reads *reads, const struct style_form *form,
                                         const struct create_trouble *trouble)
{
    const struct style *style = subject->shipped;
    struct style_view *view = call_alloc(call, sizeof *view);
    const char *preset = *form->preset ? form->preset : style ? style->preset : subject->own->preset;

    *view = (struct style_view){.card = style ? style_card_make(call, style, reads)
                                              : style_card_make_own(call, subject->own, reads)};
    view->desk = style_desk_make(call, reads, form->avatar, here_of(call, view->card.id, style, form));
    view->tags = tags_of(call, style);
    view->choices = choices_of_style(call, style, form);
    view->has_choices = view->choices.count > 0;
    view->counts = create_counts(call, form->num_images);
    view->presets = create_presets(call, preset, view->desk.avatar);
    fill_category(call, style, view);
    fill_prompt(call, subject, reads, form, view);
    fill_price(view, form->num_images);
    fill_trouble(call, trouble, view);
    view->may_send = view->desk.avatar && !view->desk.is_off;
    return view;
}
