#include "web/batch_create_view.h"

#include <stdio.h>
#include <string.h>

#include "generations/generation_create.h"
#include "web/create_choices.h"
#include "web/form_faults.h"
#include "web/page.h"

struct batch_create_view {
    bool is_off, has_avatars, has_ready, may_send;
    struct view_items avatars, presets, sizes, ratios, own_sizes, counts, errors;
    const char *prompts, *seed, *key;
    int64_t count, count_max; /* of descriptions */
    bool has_count;           /* there is one, and none too many */
    bool by_paragraph, is_sequential;
    bool more_open, as_preset;
    struct text trouble_title, trouble_advice; /* of the form as a whole; at NULL: none */
    bool has_errors;
    const char *prompts_error, *avatar_error, *preset_error, *size_error, *count_error, *seed_error; /* NULL: none */
    bool has_price, is_checked; /* is_checked: it was asked for */
    int64_t price, available, held;
    bool has_held, has_too_little, has_fewer, was_too_little;
    const char *ultra_avatar, *ultra_avatar_name; /* NULL: none */
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, is_off),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_avatars),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_ready),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, may_send),
    VIEW_FIELD(VIEW_ITEMS, struct batch_create_view, avatars, .type = &avatar_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct batch_create_view, presets, .type = &preset_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct batch_create_view, sizes, .type = &size_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct batch_create_view, ratios, .type = &size_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct batch_create_view, own_sizes, .type = &size_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct batch_create_view, counts, .type = &count_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct batch_create_view, errors, .type = &form_fault_type),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, prompts),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, seed),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, key),
    VIEW_FIELD(VIEW_INT64, struct batch_create_view, count),
    VIEW_FIELD(VIEW_INT64, struct batch_create_view, count_max),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_count),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, by_paragraph),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, is_sequential),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, more_open),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, as_preset),
    VIEW_FIELD(VIEW_TEXT, struct batch_create_view, trouble_title),
    VIEW_FIELD(VIEW_TEXT, struct batch_create_view, trouble_advice),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_errors),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, prompts_error),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, avatar_error),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, preset_error),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, size_error),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, count_error),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, seed_error),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_price),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, is_checked),
    VIEW_FIELD(VIEW_INT64, struct batch_create_view, price),
    VIEW_FIELD(VIEW_INT64, struct batch_create_view, available),
    VIEW_FIELD(VIEW_INT64, struct batch_create_view, held),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_held),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_too_little),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_fewer),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, was_too_little),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, ultra_avatar),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, ultra_avatar_name),
    {0},
};
const struct view_type batch_create_view_type = VIEW_TYPE(struct batch_create_view, FIELDS);

/* "Description 3: it must have at most 1000 characters." */
static const char *about_description(struct call *call, const struct fault *fault)
{
    CLEANUP(buf_done) struct buf words = buf_make(1024), all = buf_make(2048);
    struct text number = text_of(fault->field + sizeof "prompts[" - 1), index = text_cut(&number, ']');
    int64_t at = 0;

    (void)text_int64(index, 0, BATCH_MAX, &at);
    message_fault(fault, call->lang, &words);
    (void)buf_add_format(&all, "%s %d: %s", page_text(call, "batch.description"), (int)at + 1, words.bytes);
    return call_text(call, (struct text){all.bytes, all.len});
}

/* Those of single descriptions one by one, of the other fields one for each. */
static void fill_errors(struct call *call, const struct faults *faults, struct batch_create_view *view)
{
    struct form_fault *all = call_alloc(call, FAULTS_MAX * sizeof *all);
    struct faults others = {0};
    struct view_items words;
    size_t count = 0;

    for (int i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        const char *field = strcmp(fault->field, "prompts") == 0 ? "prompts" : create_form_field(fault->field);
        if (strncmp(fault->field, "prompts[", sizeof "prompts[" - 1) == 0) {
            all[count++] = (struct form_fault){"prompts", about_description(call, fault)};
        } else if (!*field || !faults_have(&others, field)) {
            others.items[others.count] = *fault;
            (void)snprintf(others.items[others.count++].field, sizeof others.items->field, "%s", field);
        }
    }
    words = form_faults_of(call, &others, "create");
    for (size_t i = 0; i < words.count; i++)
        all[count++] = ((const struct form_fault *)words.at)[i];
    view->errors = (struct view_items){all, count};
    view->has_errors = count > 0;
}

static void spread_errors(struct batch_create_view *view)
{
    view->prompts_error = form_fault_at(view->errors, "prompts");
    view->avatar_error = form_fault_at(view->errors, "avatar_id");
    view->preset_error = form_fault_at(view->errors, "preset");
    view->size_error = form_fault_at(view->errors, "size");
    view->count_error = form_fault_at(view->errors, "num_images");
    view->seed_error = form_fault_at(view->errors, "seed");
}

static void fill_choices(struct call *call, const struct batch_form *form, const PGresult *avatars,
                         struct batch_create_view *view)
{
    const struct avatar_choice *checked, *choices;

    view->avatars = create_avatars(call, avatars, form->avatar_id);
    checked = create_avatar_checked(view->avatars);
    choices = view->avatars.at;
    view->presets = create_presets(call, form->preset, checked);
    view->sizes = create_sizes(call, form->size);
    view->ratios = create_ratios(call, form->size);
    view->own_sizes = create_own_size(call, form->size);
    view->counts = create_counts(call, form->num_images);
    view->has_avatars = view->avatars.count > 0;
    view->has_ready = checked != NULL;
    for (size_t i = view->avatars.count; checked && !checked->has_ultra && i-- > 0;)
        if (choices[i].has_ultra && !choices[i].disabled) {
            view->ultra_avatar = choices[i].id.text;
            view->ultra_avatar_name = choices[i].name;
        }
}

static void fill_price(const struct batch_form *form, const struct account *account, struct batch_create_view *view)
{
    const struct avatar_choice *avatar = create_avatar_checked(view->avatars);
    const struct preset_choice *preset = create_preset_checked(view->presets);
    int64_t each;

    view->available = account->available;
    view->held = account->held;
    view->has_held = account->held > 0;
    view->has_price = avatar && preset;
    if (!view->has_price)
        return;
    each = (preset->is_ultra ? avatar->ultra_credits : avatar->credits) * view->count;
    view->price = each * form->num_images;
    view->has_too_little = view->price > account->available;
    view->has_fewer = form->num_images > 1 && each <= account->available;
}

const struct batch_create_view *batch_create_view_make(struct call *call, const struct batch_form *form,
                                                       const PGresult *avatars, const struct account *account,
                                                       const struct create_trouble *trouble)
{
    struct batch_create_view *view = call_alloc(call, sizeof *view);
    struct uuid *key = call_alloc(call, sizeof *key);
    struct err off;

    *key = uuid_make();
    *view = (struct batch_create_view){
        .is_off = !generation_create_is_on(call, &off),
        .prompts = form->prompts,
        .count = batch_form_count(form),
        .count_max = BATCH_MAX,
        .by_paragraph = strcmp(form->split, "paragraph") == 0,
        .is_sequential = strcmp(form->mode, "sequential") == 0,
        .seed = form->seed,
        .key = key->text,
        .as_preset = !*form->size,
        .was_too_little = create_trouble_is_shortage(trouble->code),
    };
    view->has_count = view->count > 0 && view->count <= BATCH_MAX;
    fill_choices(call, form, avatars, view);
    fill_price(form, account, view);
    fill_errors(call, &trouble->faults, view);
    spread_errors(view);
    (void)create_trouble_words(call, trouble->code, &view->trouble_title, &view->trouble_advice);
    view->is_checked = *form->check && view->has_price && view->has_count && !view->has_errors;
    view->more_open = *form->seed || view->seed_error;
    view->may_send = view->has_ready && !view->is_off;
    return view;
}
