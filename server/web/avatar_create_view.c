#include "web/avatar_create_view.h"

#include "base/uuid.h"
#include "catalog/catalog.h"
#include "local.h"
#include "web/choice.h"
#include "web/form_faults.h"
#include "web/form_typed.h"
#include "web/page.h"

enum { TIMES_MAX = 8 };

/* How long a training takes with one of the presets. */
struct training_time {
    const char *title;
    int64_t min_minutes, max_minutes;
};

static const struct view_field TIME_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct training_time, title),
    VIEW_FIELD(VIEW_INT64, struct training_time, min_minutes),
    VIEW_FIELD(VIEW_INT64, struct training_time, max_minutes),
    {0},
};
static const struct view_type TIME_TYPE = VIEW_TYPE(struct training_time, TIME_FIELDS);

struct avatar_create_view {
    const char *name;
    struct view_items types, genders, faults, portrait_times, style_times;
    const char *name_fault, *type_fault, *gender_fault;
    struct text trouble, trouble_advice;
    bool has_faults;
    char key[sizeof((struct uuid *)0)->text];
};

#define FIELD(kind, member, ...) VIEW_FIELD(kind, struct avatar_create_view, member, __VA_ARGS__)

static const struct view_field FIELDS[] = {
    FIELD(VIEW_STRING, name, 0),
    FIELD(VIEW_ITEMS, types, .type = &choice_type),
    FIELD(VIEW_ITEMS, genders, .type = &choice_type),
    FIELD(VIEW_ITEMS, faults, .type = &form_fault_type),
    FIELD(VIEW_ITEMS, portrait_times, .type = &TIME_TYPE),
    FIELD(VIEW_ITEMS, style_times, .type = &TIME_TYPE),
    FIELD(VIEW_STRING, name_fault, 0),
    FIELD(VIEW_STRING, type_fault, 0),
    FIELD(VIEW_STRING, gender_fault, 0),
    FIELD(VIEW_TEXT, trouble, 0),
    FIELD(VIEW_TEXT, trouble_advice, 0),
    FIELD(VIEW_BOOL, has_faults, 0),
    FIELD(VIEW_CHARS, key, 0),
    {0},
};
const struct view_type avatar_create_view_type = VIEW_TYPE(struct avatar_create_view, FIELDS);

static struct view_items times_of(struct call *call, enum avatar_type type)
{
    struct training_time *times = call_alloc(call, sizeof *times * TIMES_MAX);
    const struct training_preset *preset;
    size_t count = 0;

    while (count < TIMES_MAX && (preset = catalog_training_preset_at(local_of(call)->catalog, (int)count))) {
        struct span minutes = type == AVATAR_STYLE ? preset->style.expected_minutes : preset->portrait.expected_minutes;
        times[count++] = (struct training_time){words_in(&preset->title, call->lang), minutes.min, minutes.max};
    }
    return (struct view_items){times, count};
}

struct avatar_create_view *avatar_create_view_make(struct call *call, const char *type, const char *gender,
                                                   bool was_sent, const struct faults *faults, const char *trouble)
{
    static const char *const TYPES[] = {"portrait", "style", NULL}, *const GENDERS[] = {"female", "male", "other",
                                                                                        NULL};
    struct avatar_create_view *view = call_alloc(call, sizeof *view);

    *view = (struct avatar_create_view){
        .name = was_sent ? form_typed(call, "name") : "",
        .types = choices_of(call, TYPES, "avatars.new_", type),
        .genders = choices_of(call, GENDERS, "avatars.", gender),
        .faults = form_faults_of(call, faults, "avatars"),
        .portrait_times = times_of(call, AVATAR_PORTRAIT),
        .style_times = times_of(call, AVATAR_STYLE),
    };
    view->has_faults = view->faults.count > 0;
    view->name_fault = form_fault_at(view->faults, "name");
    view->type_fault = form_fault_at(view->faults, "training_type");
    view->gender_fault = form_fault_at(view->faults, "gender");
    if (trouble)
        view->trouble = message_parts(trouble, call->lang, &view->trouble_advice);
    (void)text_copy(view->key, sizeof view->key, text_of(uuid_make().text));
    return view;
}
