#include "web/generation_card.h"

#include <string.h>

#include "generations/shape.h"
#include "local.h"

enum { LEFT_STEP_S = 5, MINUTE_S = 60 };

static size_t count_slots(const void *owner) { return (size_t)((const struct generation_card *)owner)->num_images; }

static void make_slot(const void *owner, size_t index, void *item)
{
    const struct generation_card *card = owner;

    (void)index;
    *(struct generation_slot *)item = (struct generation_slot){card->width, card->height};
}

static const struct view_field SLOT_FIELDS[] = {
    VIEW_FIELD(VIEW_INT64, struct generation_slot, width),
    VIEW_FIELD(VIEW_INT64, struct generation_slot, height),
    {0},
};
static const struct view_type SLOT_TYPE = VIEW_TYPE(struct generation_slot, SLOT_FIELDS);

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct generation_card, id),
    VIEW_FIELD(VIEW_STRING, struct generation_card, status),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_open),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_pending),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_submitting),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_queued),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_running),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_storing),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_completed),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_failed),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_cancelled),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_cancelling),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, may_cancel),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_batch),
    VIEW_FIELD(VIEW_STRING, struct generation_card, batch_id),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_next),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, has_ahead),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_far),
    VIEW_FIELD(VIEW_INT64, struct generation_card, ahead),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_waiting),
    VIEW_FIELD(VIEW_TEXT, struct generation_card, waiting),
    VIEW_FIELD(VIEW_TEXT, struct generation_card, waiting_advice),
    VIEW_FIELD(VIEW_INT64, struct generation_card, progress),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_late),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, has_left_seconds),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, has_left_minutes),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, has_no_left),
    VIEW_FIELD(VIEW_INT64, struct generation_card, left_seconds),
    VIEW_FIELD(VIEW_INT64, struct generation_card, left_minutes),
    VIEW_FIELD(VIEW_INT64, struct generation_card, usual_seconds),
    VIEW_FIELD(VIEW_INT64, struct generation_card, ran_seconds),
    VIEW_FIELD(VIEW_INT64, struct generation_card, seconds),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_reserved),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_charged),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_charged_in_part),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_free),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_free_late),
    VIEW_FIELD(VIEW_INT64, struct generation_card, reserved),
    VIEW_FIELD(VIEW_INT64, struct generation_card, charged),
    VIEW_FIELD(VIEW_INT64, struct generation_card, delivered),
    VIEW_FIELD(VIEW_STRING, struct generation_card, prompt),
    VIEW_FIELD(VIEW_STRING, struct generation_card, preset),
    VIEW_FIELD(VIEW_CHARS, struct generation_card, shape),
    VIEW_FIELD(VIEW_INT64, struct generation_card, num_images),
    VIEW_FIELD(VIEW_INT64, struct generation_card, width),
    VIEW_FIELD(VIEW_INT64, struct generation_card, height),
    VIEW_FIELD(VIEW_TEXT, struct generation_card, why),
    VIEW_FIELD(VIEW_TEXT, struct generation_card, advice),
    VIEW_FIELD(VIEW_STRING, struct generation_card, created_at),
    VIEW_FIELD(VIEW_STRING, struct generation_card, done_at),
    VIEW_FIELD_EACH("slots", &SLOT_TYPE, count_slots, make_slot),
    {0},
};
const struct view_type generation_card_type = VIEW_TYPE(struct generation_card, FIELDS);

static void fill_status(struct generation_card *card, const struct generation *g)
{
    card->is_open = !generation_status_is_final(g->status);
    card->is_pending = strcmp(g->status, "pending") == 0;
    card->is_submitting = strcmp(g->status, "submitting") == 0;
    card->is_queued = strcmp(g->status, "queued") == 0;
    card->is_running = strcmp(g->status, "running") == 0;
    card->is_storing = strcmp(g->status, "storing") == 0;
    card->is_completed = strcmp(g->status, "completed") == 0;
    card->is_failed = strcmp(g->status, "failed") == 0;
    card->is_cancelled = strcmp(g->status, "cancelled") == 0;
    card->is_cancelling = card->is_open && g->cancel_requested;
    card->may_cancel = card->is_open && !g->cancel_requested;
}

/* How many are before it is known where it can be counted: in our queue, and in the provider's. */
static void fill_place(struct generation_card *card, const struct generation *g, enum lang lang)
{
    bool in_a_queue = (card->is_pending || card->is_queued) && g->queue_position >= 0;

    card->is_batch = g->batch;
    card->is_next = in_a_queue && g->queue_position == 0;
    card->is_far = in_a_queue && card->is_pending && g->queue_position >= GENERATION_AHEAD_MAX;
    card->has_ahead = in_a_queue && g->queue_position > 0 && !card->is_far;
    card->ahead = in_a_queue ? g->queue_position : 0;
    card->is_waiting = card->is_open && g->waiting_for;
    if (card->is_waiting && strcmp(g->waiting_for, "waiting_queue") != 0)
        card->waiting = message_parts(g->waiting_for, lang, &card->waiting_advice);
}

/* Rounded up to what an estimate is worth: five seconds, beyond a minute and a half whole minutes. */
static void fill_left(struct generation_card *card, const struct generation *g)
{
    int64_t left = generation_seconds_left(g);

    if (!card->is_open)
        return;
    card->is_late = card->is_running && g->ran_s > g->usual_s;
    card->has_no_left = !card->is_late && left < 0;
    card->has_left_minutes = !card->is_late && left > MINUTE_S + MINUTE_S / 2;
    card->has_left_seconds = !card->is_late && left >= 0 && !card->has_left_minutes;
    card->left_minutes = (left + MINUTE_S - 1) / MINUTE_S;
    card->left_seconds = (left + LEFT_STEP_S - 1) / LEFT_STEP_S * LEFT_STEP_S;
    card->seconds = left;
}

static void fill_charge(struct generation_card *card, const struct generation *g)
{
    const char *reason = generation_charge_reason(g);

    card->reserved = g->cost;
    card->charged = g->charged > 0 ? g->charged : 0;
    card->delivered = g->cost > 0 ? (card->charged * g->num_images + g->cost - 1) / g->cost : g->num_images;
    card->is_reserved = strcmp(reason, "reserved") == 0;
    card->is_charged = strcmp(reason, "delivered") == 0;
    card->is_charged_in_part = strcmp(reason, "delivered_in_part") == 0;
    card->is_free_late = strcmp(reason, "late_result") == 0;
    card->is_free = !card->is_reserved && !card->is_charged && !card->is_charged_in_part && !card->is_free_late;
}

static void fill_failure(struct generation_card *card, const struct generation *g, enum lang lang)
{
    if (card->is_failed)
        card->why = message_parts(g->error_code ? g->error_code : "internal", lang, &card->advice);
}

static void fill_shape(struct generation_card *card, const struct generation *g, const struct catalog *catalog)
{
    struct shape shape = shape_of(catalog, g->parameters);

    shape_words(&shape, card->shape, sizeof card->shape);
    card->width = shape.width;
    card->height = shape.height;
}

struct generation_card generation_card_of(const struct call *call, const struct generation *g)
{
    const struct catalog *catalog = local_of(call)->catalog;
    struct generation_card card = {
        .id = g->id.text,
        .status = g->status,
        .progress = generation_progress(g),
        .usual_seconds = (int64_t)g->usual_s,
        .ran_seconds = g->ran_s > 0 ? (int64_t)g->ran_s : 0,
        .prompt = g->prompt,
        .batch_id = *g->batch_id.text ? g->batch_id.text : NULL,
        .preset = catalog_preset_title(catalog, g->preset, call->lang),
        .num_images = g->num_images,
        .created_at = g->created_at,
        .done_at = g->finished_at,
    };

    fill_status(&card, g);
    fill_place(&card, g, call->lang);
    fill_left(&card, g);
    fill_charge(&card, g);
    fill_failure(&card, g, call->lang);
    fill_shape(&card, g, catalog);
    return card;
}
