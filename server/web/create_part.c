#include "web/create_part.h"

#include <stdio.h>

#include "generations/generation_create.h"

struct view_items create_part_errors(struct call *call, const struct faults *faults)
{
    struct faults own = {0};

    for (int i = 0; i < faults->count; i++) {
        const char *field = create_form_field(faults->items[i].field);
        if (*field && faults_have(&own, field))
            continue;
        own.items[own.count] = faults->items[i];
        (void)snprintf(own.items[own.count++].field, sizeof own.items->field, "%s", field);
    }
    return form_faults_of(call, &own, "create");
}

static void spread_errors(struct create_part *part)
{
    part->has_errors = part->errors.count > 0;
    part->prompt_error = form_fault_at(part->errors, "prompt");
    part->prompts_error = form_fault_at(part->errors, "prompts");
    part->avatar_error = form_fault_at(part->errors, "avatar_id");
    part->preset_error = form_fault_at(part->errors, "preset");
    part->size_error = form_fault_at(part->errors, "size");
    part->count_error = form_fault_at(part->errors, "num_images");
    part->seed_error = form_fault_at(part->errors, "seed");
}

static void fill_choices(struct call *call, const struct create_chosen *chosen, struct create_part *part)
{
    const struct avatar_choice *checked = create_avatar_checked(part->avatars), *choices = part->avatars.at;

    part->presets = create_presets(call, chosen->preset, checked);
    part->sizes = create_sizes(call, chosen->size);
    part->ratios = create_ratios(call, chosen->size);
    part->own_sizes = create_own_size(call, chosen->size);
    part->counts = create_counts(call, chosen->num_images);
    part->has_avatars = part->avatars.count > 0;
    part->has_ready = checked != NULL;
    for (size_t i = part->avatars.count; checked && !checked->has_ultra && i-- > 0;)
        if (choices[i].has_ultra && !choices[i].disabled) {
            part->ultra_avatar = choices[i].id.text;
            part->ultra_avatar_name = choices[i].name;
        }
}

/* What is chosen would cost that much: nothing where the avatar cannot be used with the preset. */
static void fill_price(const struct create_chosen *chosen, const struct account *account, struct create_part *part)
{
    const struct avatar_choice *avatar = create_avatar_checked(part->avatars);
    const struct preset_choice *preset = create_preset_checked(part->presets);
    int64_t each;

    part->available = account->available;
    part->held = account->held;
    part->has_held = account->held > 0;
    part->has_price = avatar && preset;
    if (!part->has_price)
        return;
    each = (preset->is_ultra ? avatar->ultra_credits : avatar->credits) * chosen->wishes;
    part->price = each * chosen->num_images;
    part->has_too_little = part->price > account->available;
    part->has_fewer = chosen->num_images > 1 && each <= account->available;
}

static const char *new_key(struct call *call)
{
    struct uuid *key = call_alloc(call, sizeof *key);

    *key = uuid_make();
    return key->text;
}

struct create_part create_part_make(struct call *call, const struct create_chosen *chosen, struct view_items avatars,
                                    const struct account *account, struct view_items errors, const char *trouble_code)
{
    struct err off;
    struct create_part part = {
        .is_off = !generation_create_is_on(call, &off),
        .avatars = avatars,
        .errors = errors,
        .seed = chosen->seed,
        .key = new_key(call),
        .as_preset = !*chosen->size,
        .was_too_little = create_trouble_is_shortage(trouble_code),
    };

    fill_choices(call, chosen, &part);
    fill_price(chosen, account, &part);
    spread_errors(&part);
    (void)create_trouble_words(call, trouble_code, &part.trouble_title, &part.trouble_advice);
    part.more_open = *chosen->seed || part.seed_error;
    part.may_send = part.has_ready && !part.is_off;
    return part;
}
