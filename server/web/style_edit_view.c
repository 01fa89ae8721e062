#include "web/style_edit_view.h"

#include "web/create_choices.h"
#include "web/create_trouble.h"
#include "web/form_faults.h"

struct style_edit_view {
    struct uuid id, image_id;
    const char *title, *prompt, *key;
    bool is_new, has_image, has_errors;
    int64_t prompt_length, prompt_max, title_max;
    struct view_items presets, errors;
    const char *title_error, *prompt_error, *preset_error;
    struct text trouble_title, trouble_advice;
};

static const struct view_field FIELDS[] = {
    {.name = "id", .kind = VIEW_CHARS, .offset = offsetof(struct style_edit_view, id)},
    {.name = "image_id", .kind = VIEW_CHARS, .offset = offsetof(struct style_edit_view, image_id)},
    VIEW_FIELD(VIEW_STRING, struct style_edit_view, title),
    VIEW_FIELD(VIEW_STRING, struct style_edit_view, prompt),
    VIEW_FIELD(VIEW_STRING, struct style_edit_view, key),
    VIEW_FIELD(VIEW_BOOL, struct style_edit_view, is_new),
    VIEW_FIELD(VIEW_BOOL, struct style_edit_view, has_image),
    VIEW_FIELD(VIEW_BOOL, struct style_edit_view, has_errors),
    VIEW_FIELD(VIEW_INT64, struct style_edit_view, prompt_length),
    VIEW_FIELD(VIEW_INT64, struct style_edit_view, prompt_max),
    VIEW_FIELD(VIEW_INT64, struct style_edit_view, title_max),
    VIEW_FIELD(VIEW_ITEMS, struct style_edit_view, presets, .type = &preset_choice_type),
    VIEW_FIELD(VIEW_ITEMS, struct style_edit_view, errors, .type = &form_fault_type),
    VIEW_FIELD(VIEW_STRING, struct style_edit_view, title_error),
    VIEW_FIELD(VIEW_STRING, struct style_edit_view, prompt_error),
    VIEW_FIELD(VIEW_STRING, struct style_edit_view, preset_error),
    VIEW_FIELD(VIEW_TEXT, struct style_edit_view, trouble_title),
    VIEW_FIELD(VIEW_TEXT, struct style_edit_view, trouble_advice),
    {0},
};
const struct view_type style_edit_view_type = VIEW_TYPE(struct style_edit_view, FIELDS);

static const char *new_key(struct call *call)
{
    const struct uuid key = uuid_make();

    return call_text(call, text_of(key.text));
}

const struct style_edit_view *style_edit_view_make(struct call *call, struct uuid id,
                                                   const struct style_edit_form *form, const struct faults *faults,
                                                   const char *trouble)
{
    struct style_edit_view *view = call_alloc(call, sizeof *view);

    *view = (struct style_edit_view){
        .id = id,
        .image_id = form->image_id,
        .title = form->title,
        .prompt = form->prompt,
        .key = new_key(call),
        .is_new = !*id.text,
        .has_image = *form->image_id.text != '\0',
        .prompt_length = (int64_t)text_code_points(text_of(form->prompt)),
        .prompt_max = STYLE_PROMPT_MAX,
        .title_max = OWN_STYLE_TITLE_MAX,
        .presets = create_presets(call, form->preset, NULL),
        .errors = form_faults_of(call, faults, "styles"),
    };
    view->has_errors = view->errors.count > 0;
    view->title_error = form_fault_at(view->errors, "title");
    view->prompt_error = form_fault_at(view->errors, "prompt");
    view->preset_error = form_fault_at(view->errors, "preset");
    (void)create_trouble_words(call, trouble, &view->trouble_title, &view->trouble_advice);
    return view;
}
