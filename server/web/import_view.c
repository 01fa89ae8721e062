#include "web/import_view.h"

#include "web/choice.h"
#include "web/form_faults.h"
#include "web/form_typed.h"
#include "web/page.h"

struct import_view {
    const char *name, *trigger, *lora_url, *finetune_id, *scale;
    struct view_items types, genders, faults;
    const char *name_fault, *type_fault, *gender_fault, *trigger_fault, *lora_fault, *finetune_fault, *scale_fault;
    struct text trouble, trouble_advice;
    bool has_faults;
    char key[sizeof((struct uuid *)0)->text];
};

#define FIELD(kind, member, ...) VIEW_FIELD(kind, struct import_view, member, __VA_ARGS__)

static const struct view_field FIELDS[] = {
    FIELD(VIEW_STRING, name, 0),
    FIELD(VIEW_STRING, trigger, 0),
    FIELD(VIEW_STRING, lora_url, 0),
    FIELD(VIEW_STRING, finetune_id, 0),
    FIELD(VIEW_STRING, scale, 0),
    FIELD(VIEW_ITEMS, types, .type = &choice_type),
    FIELD(VIEW_ITEMS, genders, .type = &choice_type),
    FIELD(VIEW_ITEMS, faults, .type = &form_fault_type),
    FIELD(VIEW_STRING, name_fault, 0),
    FIELD(VIEW_STRING, type_fault, 0),
    FIELD(VIEW_STRING, gender_fault, 0),
    FIELD(VIEW_STRING, trigger_fault, 0),
    FIELD(VIEW_STRING, lora_fault, 0),
    FIELD(VIEW_STRING, finetune_fault, 0),
    FIELD(VIEW_STRING, scale_fault, 0),
    FIELD(VIEW_TEXT, trouble, 0),
    FIELD(VIEW_TEXT, trouble_advice, 0),
    FIELD(VIEW_BOOL, has_faults, 0),
    FIELD(VIEW_CHARS, key, 0),
    {0},
};
const struct view_type import_view_type = VIEW_TYPE(struct import_view, FIELDS);

static void fill_choices(struct call *call, const struct import_form *form, struct import_view *view)
{
    static const char *const TYPES[] = {"portrait", "style", NULL}, *const GENDERS[] = {"female", "male", "other",
                                                                                        NULL};

    view->types = choices_of(call, TYPES, "avatars.", form ? form->training_type : "portrait");
    view->genders = choices_of(call, GENDERS, "avatars.", form ? form->gender : "");
}

static void fill_faults(struct call *call, const struct faults *faults, struct import_view *view)
{
    view->faults = form_faults_of(call, faults, "avatars");
    view->has_faults = view->faults.count > 0;
    view->name_fault = form_fault_at(view->faults, "name");
    view->type_fault = form_fault_at(view->faults, "training_type");
    view->gender_fault = form_fault_at(view->faults, "gender");
    view->trigger_fault = form_fault_at(view->faults, "trigger");
    view->lora_fault = form_fault_at(view->faults, "diffusers_lora_file_url");
    view->finetune_fault = form_fault_at(view->faults, "finetune_id");
    view->scale_fault = form_fault_at(view->faults, "default_lora_scale");
}

const struct import_view *import_view_make(struct call *call, const struct import_form *form,
                                           const struct faults *faults, const char *trouble)
{
    struct import_view *view = call_alloc(call, sizeof *view);

    *view = (struct import_view){
        .name = form ? form_typed(call, "name") : "",
        .trigger = form ? form_typed(call, "trigger") : "",
        .lora_url = form ? form_typed(call, "diffusers_lora_file_url") : "",
        .finetune_id = form ? form_typed(call, "finetune_id") : "",
        .scale = form ? form_typed(call, "default_lora_scale") : "",
    };
    fill_choices(call, form, view);
    fill_faults(call, faults, view);
    if (trouble)
        view->trouble = message_parts(trouble, call->lang, &view->trouble_advice);
    (void)text_copy(view->key, sizeof view->key, text_of(uuid_make().text));
    return view;
}
