#include "web/batch_view.h"

#include <stdio.h>
#include <string.h>

#include "batches/batch_write.h"
#include "catalog/catalog.h"
#include "local.h"
#include "web/day.h"
#include "web/generation_card.h"
#include "web/generation_picture.h"

enum { LEFT_STEP_S = 5, MINUTE_S = 60 };

struct batch_entry {
    int64_t number; /* from 1 */
    const char *prompt;
    bool is_refused; /* then card is empty */
    struct text why, advice;
    bool is_on_its_way; /* its progress is worth a line */
    struct generation_card card;
    struct view_items pictures;
    bool has_pictures;
};

struct batch_view {
    const char *id;
    bool is_open, is_completed, is_cancelled, is_cancelling, may_cancel, is_sequential;
    int64_t progress, total, made, done; /* made: those that became generations; done: those with pictures */
    int64_t refused, failed, stopped;    /* stopped: cancelled */
    bool has_refused, has_failed, has_stopped, has_unmade;
    struct text waiting, waiting_advice; /* at NULL: nothing keeps it */
    bool has_left_seconds, has_left_minutes, has_no_left;
    int64_t left_seconds, left_minutes, seconds;
    int64_t cost, reserved;
    const char *avatar_name, *avatar_id, *preset, *created_at; /* avatar_id NULL: it was deleted */
    char made_at[DAY_ROOM];
    struct view_items entries;
};

static const struct view_field ENTRY_FIELDS[] = {
    VIEW_FIELD(VIEW_INT64, struct batch_entry, number),
    VIEW_FIELD(VIEW_STRING, struct batch_entry, prompt),
    VIEW_FIELD(VIEW_BOOL, struct batch_entry, is_refused),
    VIEW_FIELD(VIEW_TEXT, struct batch_entry, why),
    VIEW_FIELD(VIEW_TEXT, struct batch_entry, advice),
    VIEW_FIELD(VIEW_BOOL, struct batch_entry, is_on_its_way),
    VIEW_FIELD(VIEW_STRUCT, struct batch_entry, card, .type = &generation_card_type),
    VIEW_FIELD(VIEW_ITEMS, struct batch_entry, pictures, .type = &generation_picture_type),
    VIEW_FIELD(VIEW_BOOL, struct batch_entry, has_pictures),
    {0},
};
static const struct view_type ENTRY_TYPE = VIEW_TYPE(struct batch_entry, ENTRY_FIELDS);

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct batch_view, id),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, is_open),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, is_completed),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, is_cancelled),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, is_cancelling),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, may_cancel),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, is_sequential),
    VIEW_FIELD(VIEW_INT64, struct batch_view, progress),
    VIEW_FIELD(VIEW_INT64, struct batch_view, total),
    VIEW_FIELD(VIEW_INT64, struct batch_view, made),
    VIEW_FIELD(VIEW_INT64, struct batch_view, done),
    VIEW_FIELD(VIEW_INT64, struct batch_view, refused),
    VIEW_FIELD(VIEW_INT64, struct batch_view, failed),
    VIEW_FIELD(VIEW_INT64, struct batch_view, stopped),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, has_refused),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, has_failed),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, has_stopped),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, has_unmade),
    VIEW_FIELD(VIEW_TEXT, struct batch_view, waiting),
    VIEW_FIELD(VIEW_TEXT, struct batch_view, waiting_advice),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, has_left_seconds),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, has_left_minutes),
    VIEW_FIELD(VIEW_BOOL, struct batch_view, has_no_left),
    VIEW_FIELD(VIEW_INT64, struct batch_view, left_seconds),
    VIEW_FIELD(VIEW_INT64, struct batch_view, left_minutes),
    VIEW_FIELD(VIEW_INT64, struct batch_view, seconds),
    VIEW_FIELD(VIEW_INT64, struct batch_view, cost),
    VIEW_FIELD(VIEW_INT64, struct batch_view, reserved),
    VIEW_FIELD(VIEW_STRING, struct batch_view, avatar_name),
    VIEW_FIELD(VIEW_STRING, struct batch_view, avatar_id),
    VIEW_FIELD(VIEW_STRING, struct batch_view, preset),
    VIEW_FIELD(VIEW_STRING, struct batch_view, created_at),
    VIEW_FIELD(VIEW_CHARS, struct batch_view, made_at),
    VIEW_FIELD(VIEW_ITEMS, struct batch_view, entries, .type = &ENTRY_TYPE),
    {0},
};
const struct view_type batch_view_type = VIEW_TYPE(struct batch_view, FIELDS);

static void fill_state(struct batch_view *view, const struct batch *batch, enum lang lang)
{
    view->is_open = !batch_has_ended(batch);
    view->is_cancelled = strcmp(batch_status(batch), "cancelled") == 0;
    view->is_completed = !view->is_open && !view->is_cancelled;
    view->is_cancelling = view->is_open && batch->cancel_requested;
    view->may_cancel = view->is_open && !batch->cancel_requested;
    view->has_refused = batch->refused > 0;
    view->has_failed = batch->failed > 0;
    view->has_stopped = batch->cancelled > 0;
    view->has_unmade = view->has_refused || view->has_failed || view->has_stopped;
    if (view->is_open && batch->waiting_for)
        view->waiting = message_parts(batch->waiting_for, lang, &view->waiting_advice);
}

/* Rounded up to what an estimate is worth, as for a single one. */
static void fill_left(struct batch_view *view, const struct batch *batch)
{
    int64_t left = batch_seconds_left(batch);

    view->has_no_left = left < 0;
    view->has_left_minutes = left > MINUTE_S + MINUTE_S / 2;
    view->has_left_seconds = left >= 0 && !view->has_left_minutes;
    view->left_minutes = (left + MINUTE_S - 1) / MINUTE_S;
    view->left_seconds = (left + LEFT_STEP_S - 1) / LEFT_STEP_S * LEFT_STEP_S;
    view->seconds = left;
}

static void fill_refusal(struct call *call, const struct batch_item *item, struct batch_entry *entry)
{
    CLEANUP(buf_done) struct buf words = buf_make(2048);
    struct text advice, title = batch_refusal_words(item, call->lang, &words, &advice);

    entry->is_refused = true;
    entry->why = text_of(call_text(call, title));
    if (advice.at)
        entry->advice = text_of(call_text(call, advice));
}

/* *item outlives the page: the card borrows from its generation. */
static void fill_entry(struct call *call, const struct batch_item *item, const PGresult *images, int *next,
                       struct batch_entry *entry)
{
    *entry = (struct batch_entry){.number = item->position + 1, .prompt = item->prompt};
    if (item->error_code) {
        fill_refusal(call, item, entry);
        return;
    }
    entry->card = generation_card_of(call, &item->generation);
    entry->card.is_batch = false; /* goes without saying here */
    entry->is_on_its_way = entry->card.is_open && !entry->card.is_pending;
    entry->why = entry->card.why;
    entry->advice = entry->card.advice;
    entry->pictures = generation_picture_take(call, images, next, item->generation.id.text);
    entry->has_pictures = entry->pictures.count > 0;
}

static struct view_items make_entries(struct call *call, const PGresult *rows, const PGresult *images)
{
    size_t count = (size_t)rows_count(rows);
    struct batch_item *items = call_alloc(call, (count + 1) * sizeof *items);
    struct batch_entry *entries = call_alloc(call, (count + 1) * sizeof *entries);
    int next = 0;

    for (size_t i = 0; i < count; i++) {
        items[i] = batch_item_from_row(rows_at(rows, (int)i));
        fill_entry(call, &items[i], images, &next, &entries[i]);
    }
    return (struct view_items){entries, count};
}

const struct batch_view *batch_view_make(struct call *call, const struct batch_shown *shown, const PGresult *items,
                                         const PGresult *images)
{
    const struct batch *batch = &shown->batch;
    struct batch_view *view = call_alloc(call, sizeof *view);

    *view = (struct batch_view){
        .id = batch->id.text,
        .is_sequential = batch->is_sequential,
        .progress = batch_progress(batch),
        .total = batch->total,
        .made = batch->total - batch->refused,
        .done = batch->completed,
        .refused = batch->refused,
        .failed = batch->failed,
        .stopped = batch->cancelled,
        .cost = batch->cost,
        .reserved = batch->reserved,
        .avatar_name = shown->avatar_name,
        .avatar_id = batch->avatar_deleted ? NULL : batch->avatar_id.text,
        .preset = catalog_preset_title(local_of(call)->catalog, batch->preset, call->lang),
        .created_at = batch->created_at,
        .entries = make_entries(call, items, images),
    };
    fill_state(view, batch, call->lang);
    fill_left(view, batch);
    day_moment(local_of(call)->texts, call->lang, shown->made, shown->today, view->made_at);
    return view;
}
