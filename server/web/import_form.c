#include "web/import_form.h"

#include <string.h>

#include "avatars/avatar_trigger.h"
#include "local.h"
#include "moderation/moderation.h"
#include "web/form.h"

#define TEXT_FIELD(member, most) QUERY_FIELD(QUERY_TEXT, struct import_form, member, .max = most)
#define ROOM(member) ((int64_t)sizeof((struct import_form *)0)->member - 1)

static const struct query_field FIELDS[] = {
    TEXT_FIELD(name, AVATAR_NAME_MAX),
    TEXT_FIELD(gender, ROOM(gender)),
    TEXT_FIELD(training_type, ROOM(training_type)),
    TEXT_FIELD(trigger, AVATAR_TRIGGER_MAX),
    TEXT_FIELD(diffusers_lora_file_url, AVATAR_URL_MAX),
    TEXT_FIELD(finetune_id, AVATAR_FINETUNE_MAX),
    TEXT_FIELD(default_lora_scale, ROOM(default_lora_scale)),
    TEXT_FIELD(key, ROOM(key)),
    {0},
};

/* "0.8", "1,25": people write either. In thousandths. */
static bool read_scale(struct text typed, double *ret)
{
    char plain[sizeof((struct import_form *)0)->default_lora_scale];
    struct text whole, rest;
    int64_t ones, thousandths = 0;

    (void)text_copy(plain, sizeof plain, text_trim(typed));
    for (char *c = plain; *c; c++)
        *c = (char)(*c == ',' ? '.' : *c);
    rest = text_of(plain);
    whole = text_cut(&rest, '.');
    if (!text_int64(whole, 0, 4, &ones) || (rest.at && (rest.len > 3 || !text_int64(rest, 0, 999, &thousandths))))
        return false;
    for (size_t digits = rest.len; rest.at && digits < 3; digits++)
        thousandths *= 10;
    *ret = (double)(ones * 1000 + thousandths) / 1000;
    return *ret <= 4;
}

static void copy_scale(const struct import_form *form, struct avatar_import *import, struct faults *faults)
{
    if (text_is_blank(text_of(form->default_lora_scale)))
        return;
    import->has_default_lora_scale = read_scale(text_of(form->default_lora_scale), &import->default_lora_scale);
    if (!import->has_default_lora_scale)
        (void)faults_add_range(faults, "default_lora_scale", "out_of_range", 0, 4);
    else if (import->has_finetune)
        (void)faults_add_what(faults, "default_lora_scale", "exclusive", TEXT("finetune_id"));
}

/* An empty field is one that was not given; what is faulty already was not read, but is there. */
static void copy_model(const struct import_form *form, struct avatar_import *import, const struct faults *faults)
{
    bool style = import->training_type && strcmp(import->training_type, "style") == 0;

    (void)text_copy(import->diffusers_lora_file_url, sizeof import->diffusers_lora_file_url,
                    text_trim(text_of(form->diffusers_lora_file_url)));
    import->has_lora = *import->diffusers_lora_file_url || faults_have(faults, "diffusers_lora_file_url");
    (void)text_copy(import->finetune_id, sizeof import->finetune_id, text_trim(text_of(form->finetune_id)));
    import->has_finetune = *import->finetune_id || faults_have(faults, "finetune_id");
    if (style)
        (void)text_copy(import->trigger_word, sizeof import->trigger_word, text_of(form->trigger));
    else
        (void)text_copy(import->trigger_phrase, sizeof import->trigger_phrase, text_of(form->trigger));
    import->has_trigger_word = style && (*form->trigger || faults_have(faults, "trigger"));
    import->has_trigger_phrase = !style && (*form->trigger || faults_have(faults, "trigger"));
}

static void judge_trigger(struct call *call, const struct avatar_import *import, struct faults *faults)
{
    struct moderation_verdict verdict;
    const char *field;

    if (!faults_have(faults, "trigger") && !avatar_trigger_passes(local_of(call)->moderation, import->trigger_phrase,
                                                                  import->trigger_word, &verdict, &field))
        (void)moderation_fault(&verdict, call->lang, field, faults);
}

/* The form has one field for both. */
static void rename_trigger(struct faults *faults)
{
    for (int i = 0; i < faults->count; i++)
        if (text_starts(text_of(faults->items[i].field), TEXT("trigger_")))
            (void)text_copy(faults->items[i].field, sizeof faults->items[i].field, TEXT("trigger"));
}

bool import_form_read(struct call *call, struct import_form *form, struct avatar_import *import, struct faults *faults,
                      struct next *refused)
{
    if (!form_read(call, FIELDS, form, faults, refused))
        return false;
    (void)text_copy(import->name, sizeof import->name, text_of(form->name));
    if (!*form->name && !faults_have(faults, "name"))
        (void)faults_add(faults, "name", "required");
    if (!(import->training_type = avatar_import_type(form->training_type)))
        (void)faults_add(faults, "training_type", "required");
    if (!(import->gender = avatar_import_gender(form->gender)))
        (void)faults_add(faults, "gender", "required");
    copy_model(form, import, faults);
    avatar_import_check(import, faults);
    copy_scale(form, import, faults);
    judge_trigger(call, import, faults);
    rename_trigger(faults);
    return true;
}
