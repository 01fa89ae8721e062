#include "web/avatar_view.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "local.h"

enum { MIB = 1024 * 1024 };

#define FIELD(kind, member) VIEW_FIELD(kind, struct avatar_view, member, 0)

static const struct view_field FIELDS[] = {
    FIELD(VIEW_STRING, id),
    FIELD(VIEW_STRING, name),
    FIELD(VIEW_STRING, letter),
    FIELD(VIEW_STRING, created_at),
    FIELD(VIEW_STRING, created),
    FIELD(VIEW_STRING, trigger),
    FIELD(VIEW_BOOL, is_portrait),
    FIELD(VIEW_BOOL, is_style),
    FIELD(VIEW_BOOL, is_main),
    FIELD(VIEW_BOOL, is_busy),
    FIELD(VIEW_BOOL, is_completed),
    FIELD(VIEW_BOOL, is_training),
    FIELD(VIEW_BOOL, is_draft),
    FIELD(VIEW_BOOL, is_error),
    FIELD(VIEW_BOOL, is_male),
    FIELD(VIEW_BOOL, is_female),
    FIELD(VIEW_BOOL, is_other),
    FIELD(VIEW_BOOL, has_lora),
    FIELD(VIEW_BOOL, has_finetune),
    FIELD(VIEW_BOOL, has_photos),
    FIELD(VIEW_BOOL, has_images),
    FIELD(VIEW_BOOL, has_many_images),
    FIELD(VIEW_BOOL, may_be_main),
    FIELD(VIEW_INT64, progress),
    FIELD(VIEW_INT64, photos),
    FIELD(VIEW_INT64, images),
    FIELD(VIEW_CHARS, scale),
    FIELD(VIEW_TEXT, why),
    FIELD(VIEW_TEXT, advice),
    FIELD(VIEW_BOOL, is_learning),
    FIELD(VIEW_INT64, model_mib),
    FIELD(VIEW_BOOL, is_ours),
    FIELD(VIEW_BOOL, has_model),
    FIELD(VIEW_STRING, trained_with),
    {0},
};
const struct view_type avatar_view_type = VIEW_TYPE(struct avatar_view, FIELDS);

static void fill_state(const struct call *call, const struct avatar *avatar, struct avatar_view *view)
{
    view->is_completed = avatar_is_completed(avatar);
    view->is_training = strcmp(avatar->status, "training") == 0;
    view->is_error = strcmp(avatar->status, "error") == 0;
    view->is_draft = !view->is_completed && !view->is_training && !view->is_error;
    view->progress = avatar->training_progress;
    view->is_main = avatar->is_main;
    view->is_learning = view->is_draft || view->is_error;
    if (*avatar->error_code)
        view->why = message_parts(avatar->error_code, call->lang, &view->advice);
}

static const char *preset_of(const struct call *call, const struct avatar *avatar)
{
    const struct training_preset *preset =
        *avatar->training_preset ? catalog_training_preset(local_of(call)->catalog, avatar->training_preset) : NULL;

    return preset ? words_in(&preset->title, call->lang) : NULL;
}

static void fill_facts(const struct call *call, const struct avatar *avatar, struct avatar_view *view)
{
    struct avatar_model model = avatar_model_of(avatar);

    view->is_style = avatar->type == AVATAR_STYLE;
    view->is_portrait = !view->is_style;
    view->is_male = strcmp(avatar->gender, "male") == 0;
    view->is_female = strcmp(avatar->gender, "female") == 0;
    view->is_other = !view->is_male && !view->is_female;
    view->trigger = avatar->trigger;
    view->has_lora = avatar_model_has_lora(&model);
    view->has_finetune = avatar_model_has_finetune(&model);
    view->has_model = view->has_lora || view->has_finetune;
    view->may_be_main = view->has_model && !avatar->is_main;
    view->trained_with = view->has_model && !view->is_training ? preset_of(call, avatar) : NULL;
    view->is_ours = avatar->model_bytes > 0;
    view->model_mib = (avatar->model_bytes + MIB - 1) / MIB;
    view->photos = avatar->photos_count;
    view->has_photos = avatar->photos_count > 0;
    if (avatar->has_default_lora_scale)
        (void)snprintf(view->scale, sizeof view->scale, "%.3g", avatar->default_lora_scale);
}

struct avatar_view avatar_view_of(const struct call *call, const struct avatar_shown *shown)
{
    struct avatar_view view = {
        .id = shown->avatar.id.text,
        .name = shown->avatar.name,
        .letter = shown->letter,
        .created_at = shown->avatar.created_at,
        .created = shown->created,
        .is_busy = shown->is_busy,
        .images = shown->images,
        .has_images = shown->images > 0,
        .has_many_images = shown->images >= AVATAR_IMAGES_COUNTED,
    };

    fill_state(call, &shown->avatar, &view);
    fill_facts(call, &shown->avatar, &view);
    return view;
}
