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
    VIEW_FIELD(VIEW_BOOL, struct generation_card, has_ahead),
    VIEW_FIELD(VIEW_INT64, struct generation_card, ahead),
    VIEW_FIELD(VIEW_INT64, struct generation_card, progress),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, is_late),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, has_left_seconds),
    VIEW_FIELD(VIEW_BOOL, struct generation_card, has_left_minutes),
    VIEW_FIELD(VIEW_INT64, struct generation_card, left_seconds),
    VIEW_FIELD(VIEW_INT64, struct generation_card, left_minutes),
    VIEW_FIELD(VIEW_INT64, struct generation_card, expected_seconds),
    VIEW_FIELD(VIEW_INT64, struct generation_card, ran_seconds),
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
    card->has_ahead = card->is_queued && g->queue_position > 0;
    card->ahead = card->has_ahead ? g->queue_position : 0;
}

/* Rounded up to what an estimate is worth: five seconds, beyond a minute and a half whole minutes. */
static void fill_left(struct generation_card *card, const struct generation *g)
{
    int64_t left = generation_seconds_left(g);

    if (left < 0)
        return;
    card->is_late = card->is_running && g->ran_s > (double)g->expected_seconds;
    card->has_left_minutes = !card->is_late && left > MINUTE_S + MINUTE_S / 2;
    card->has_left_seconds = !card->is_late && !card->has_left_minutes;
    card->left_minutes = (left + MINUTE_S - 1) / MINUTE_S;
    card->left_seconds = (left + LEFT_STEP_S - 1) / LEFT_STEP_S * LEFT_STEP_S;
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
        .expected_seconds = g->expected_seconds,
        .ran_seconds = g->ran_s > 0 ? (int64_t)g->ran_s : 0,
        .prompt = g->prompt,
        .preset = catalog_preset_title(catalog, g->preset, call->lang),
        .num_images = g->num_images,
        .created_at = g->created_at,
        .done_at = g->finished_at,
    };

    fill_status(&card, g);
    fill_left(&card, g);
    fill_failure(&card, g, call->lang);
    fill_shape(&card, g, catalog);
    return card;
}
