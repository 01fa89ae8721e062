#include "web/create_view.h"

#include <stdio.h>
#include <string.h>

#include "web/create_choices.h"
#include "web/form_faults.h"
#include "web/style_card.h"

struct create_view {
    struct style_desk desk;
    struct view_items shelves;
    bool shows_styles;
    bool is_off, has_avatars, has_ready, may_send;
    struct view_items avatars, presets, sizes, ratios, own_sizes, counts, examples, errors;
    const char *prompt, *seed, *key;
    int64_t prompt_length, prompt_max;
    bool more_open;                            /* the part with the seed */
    bool as_preset;                            /* no size of its own */
    struct text trouble_title, trouble_advice; /* of the form as a whole; at NULL: none */
    bool has_errors;
    const char *prompt_error, *avatar_error, *preset_error, *size_error, *count_error, *seed_error; /* NULL: none */
    bool has_price;           /* of what is chosen */
    int64_t price, available; /* credits */
    int64_t held;             /* reserved for what has begun */
    bool has_held;
    bool has_too_little, has_fewer; /* for it; fewer pictures can be had */
    bool was_too_little;            /* when the form was sent */
    const char *ultra_avatar;       /* id of one that can be used with ultra while the checked one cannot; NULL: none */
    const char *ultra_avatar_name;
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRUCT, struct create_view, desk, .type = &style_desk_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, shelves, .type = &style_shelf_type),
    VIEW_FIELD(VIEW_BOOL, struct create_view, shows_styles),
    VIEW_FIELD(VIEW_BOOL, struct create_view, is_off),
    VIEW_FIELD(VIEW_BOOL, struct create_view, has_avatars),
    VIEW_FIELD(VIEW_BOOL, struct create_view, has_ready),
    VIEW_FIELD(VIEW_BOOL, struct create_view, may_send),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, avatars, .type = &avatar_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, presets, .type = &preset_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, sizes, .type = &size_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, ratios, .type = &size_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, own_sizes, .type = &size_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, counts, .type = &count_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, examples, .type = &example_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, errors, .type = &form_fault_type),
    VIEW_FIELD(VIEW_STRING, struct create_view, prompt),
    VIEW_FIELD(VIEW_STRING, struct create_view, seed),
    VIEW_FIELD(VIEW_STRING, struct create_view, key),
    VIEW_FIELD(VIEW_INT64, struct create_view, prompt_length),
    VIEW_FIELD(VIEW_INT64, struct create_view, prompt_max),
    VIEW_FIELD(VIEW_BOOL, struct create_view, more_open),
    VIEW_FIELD(VIEW_BOOL, struct create_view, as_preset),
    VIEW_FIELD(VIEW_TEXT, struct create_view, trouble_title),
    VIEW_FIELD(VIEW_TEXT, struct create_view, trouble_advice),
    VIEW_FIELD(VIEW_BOOL, struct create_view, has_errors),
    VIEW_FIELD(VIEW_STRING, struct create_view, prompt_error),
    VIEW_FIELD(VIEW_STRING, struct create_view, avatar_error),
    VIEW_FIELD(VIEW_STRING, struct create_view, preset_error),
    VIEW_FIELD(VIEW_STRING, struct create_view, size_error),
    VIEW_FIELD(VIEW_STRING, struct create_view, count_error),
    VIEW_FIELD(VIEW_STRING, struct create_view, seed_error),
    VIEW_FIELD(VIEW_BOOL, struct create_view, has_price),
    VIEW_FIELD(VIEW_INT64, struct create_view, price),
    VIEW_FIELD(VIEW_INT64, struct create_view, available),
    VIEW_FIELD(VIEW_INT64, struct create_view, held),
    VIEW_FIELD(VIEW_BOOL, struct create_view, has_held),
    VIEW_FIELD(VIEW_BOOL, struct create_view, has_too_little),
    VIEW_FIELD(VIEW_BOOL, struct create_view, has_fewer),
    VIEW_FIELD(VIEW_BOOL, struct create_view, was_too_little),
    VIEW_FIELD(VIEW_STRING, struct create_view, ultra_avatar),
    VIEW_FIELD(VIEW_STRING, struct create_view, ultra_avatar_name),
    {0},
};
const struct view_type create_view_type = VIEW_TYPE(struct create_view, FIELDS);

/* By the form's fields, one for each: two about one size would say the same. */
static void fill_errors(struct call *call, const struct faults *faults, struct create_view *view)
{
    struct faults own = {0};

    for (int i = 0; i < faults->count; i++) {
        const char *field = create_form_field(faults->items[i].field);
        if (*field && faults_have(&own, field))
            continue;
        own.items[own.count] = faults->items[i];
        (void)snprintf(own.items[own.count++].field, sizeof own.items->field, "%s", field);
    }
    view->errors = form_faults_of(call, &own, "create");
    view->has_errors = view->errors.count > 0;
    view->prompt_error = form_fault_at(view->errors, "prompt");
    view->avatar_error = form_fault_at(view->errors, "avatar_id");
    view->preset_error = form_fault_at(view->errors, "preset");
    view->size_error = form_fault_at(view->errors, "size");
    view->count_error = form_fault_at(view->errors, "num_images");
    view->seed_error = form_fault_at(view->errors, "seed");
}

static void fill_choices(struct call *call, const struct create_form *form, struct create_view *view)
{
    const struct avatar_choice *checked, *choices;

    view->avatars = view->desk.avatars;
    checked = view->desk.avatar;
    choices = view->avatars.at;
    view->presets = create_presets(call, form->preset, checked);
    view->sizes = create_sizes(call, form->size);
    view->ratios = create_ratios(call, form->size);
    view->own_sizes = create_own_size(call, form->size);
    view->counts = create_counts(call, form->num_images);
    view->examples = create_examples(call, form);
    view->has_avatars = view->avatars.count > 0;
    view->has_ready = checked != NULL;
    for (size_t i = view->avatars.count; checked && !checked->has_ultra && i-- > 0;)
        if (choices[i].has_ultra && !choices[i].disabled) {
            view->ultra_avatar = choices[i].id.text;
            view->ultra_avatar_name = choices[i].name;
        }
}

/* What is chosen would cost that much: nothing where the avatar cannot be used with the preset. */
static void fill_price(const struct create_form *form, const struct account *account, struct create_view *view)
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
    each = preset->is_ultra ? avatar->ultra_credits : avatar->credits;
    view->price = each * form->num_images;
    view->has_too_little = view->price > account->available;
    view->has_fewer = form->num_images > 1 && each <= account->available;
}

static const char *new_key(struct call *call)
{
    struct uuid *key = call_alloc(call, sizeof *key);

    *key = uuid_make();
    return key->text;
}

const struct create_view *create_view_make(struct call *call, const struct create_form *form,
                                           const struct style_reads *reads, struct view_items shelves,
                                           const struct create_trouble *trouble)
{
    struct create_view *view = call_alloc(call, sizeof *view);

    *view = (struct create_view){
        .desk = style_desk_make(call, reads, form->avatar_id, "/create?"),
        .shelves = shelves,
        .shows_styles = shelves.count > 0,
        .prompt = form->prompt,
        .prompt_length = (int64_t)text_code_points(text_of(form->prompt)),
        .prompt_max = PLAN_PROMPT_MAX,
        .seed = form->seed,
        .key = new_key(call),
        .as_preset = !*form->size,
        .was_too_little = create_trouble_is_shortage(trouble->code),
    };
    view->is_off = view->desk.is_off;
    fill_choices(call, form, view);
    fill_price(form, &reads->account, view);
    fill_errors(call, &trouble->faults, view);
    (void)create_trouble_words(call, trouble->code, &view->trouble_title, &view->trouble_advice);
    view->more_open = *form->seed || view->seed_error;
    view->may_send = view->has_ready && !view->is_off;
    return view;
}
