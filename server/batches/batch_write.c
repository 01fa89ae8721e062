#include "batches/batch_write.h"

#include "gallery/image.h"
#include "gallery/image_links.h"
#include "generations/plan.h"
#include "http/problem.h"

enum { WORDS_MAX_BYTES = 2048 };

static void write_counts(struct json_out *out, const struct batch *batch)
{
    json_key(out, "counts");
    json_object(out);
    json_key_int64(out, "total", batch->total);
    json_key_int64(out, "refused", batch->refused);
    json_key_int64(out, "pending", batch->pending);
    json_key_int64(out, "running", batch->running);
    json_key_int64(out, "completed", batch->completed);
    json_key_int64(out, "failed", batch->failed);
    json_key_int64(out, "cancelled", batch->cancelled);
    json_end_object(out);
}

static void write_all(struct json_out *out, const struct batch *batch, int64_t seconds_left, enum lang lang)
{
    json_key_text(out, "id", batch->id.text);
    json_key_text(out, "status", batch_status(batch));
    json_key_text(out, "mode", batch->is_sequential ? "sequential" : "parallel");
    json_key_text(out, "avatar_id", batch->avatar_deleted ? NULL : batch->avatar_id.text);
    json_key_text(out, "preset", batch->preset);
    json_key_int64(out, "num_images", batch->num_images);
    write_counts(out, batch);
    json_key_int64(out, "progress", batch_progress(batch));
    if (seconds_left < 0)
        json_key_null(out, "eta_seconds");
    else
        json_key_int64(out, "eta_seconds", seconds_left);
    problem_write_notice(out, "waiting", batch->waiting_for, lang);
    json_key_bool(out, "cancel_requested", batch->cancel_requested);
    json_key_int64(out, "cost", batch->cost);
    json_key_text(out, "created_at", batch->created_at);
    json_key_text(out, "finished_at", *batch->finished_at ? batch->finished_at : NULL);
}

void batch_write(struct json_out *out, const struct batch *batch, enum lang lang)
{
    write_all(out, batch, batch_seconds_left(batch), lang);
}

struct text batch_refusal_words(const struct batch_item *item, enum lang lang, struct buf *out, struct text *ret_advice)
{
    struct fault fault = {.min = 1, .max = PLAN_PROMPT_MAX};

    (void)text_copy(fault.code, sizeof fault.code, text_of(item->error_code));
    message_fault(&fault, lang, out);
    *ret_advice = (struct text){out->bytes, out->len};
    return text_cut(ret_advice, '|');
}

static void write_refusal(struct json_out *out, const struct batch_item *item, enum lang lang)
{
    CLEANUP(buf_done) struct buf words = buf_make(WORDS_MAX_BYTES);
    struct text advice, title = batch_refusal_words(item, lang, &words, &advice);

    json_key(out, "error");
    json_object(out);
    json_key_text(out, "code", item->error_code);
    json_key(out, "message");
    json_text(out, advice.at ? advice : title);
    if (item->category)
        json_key_text(out, "category", item->category);
    json_end_object(out);
}

/* An open object: its pictures follow. */
static void write_item(struct json_out *out, const struct batch_item *item, enum lang lang)
{
    const struct generation *g = &item->generation;
    bool is_refused = item->error_code != NULL;

    json_key_int64(out, "position", item->position);
    json_key_text(out, "prompt", item->prompt);
    json_key_text(out, "status", is_refused ? "refused" : g->status);
    json_key_text(out, "generation_id", is_refused ? NULL : g->id.text);
    json_key_int64(out, "progress", is_refused ? 0 : generation_progress(g));
    if (is_refused)
        write_refusal(out, item, lang);
    else
        problem_write_notice(out, "error", g->error_code, lang);
}

/* next_image: the first of the rows that was not written yet. */
static void write_images(struct json_out *out, const struct call *call, const struct uuid *generation,
                         const PGresult *images, int *next_image)
{
    const struct image_links links = image_links_of(call);

    json_key(out, "images");
    json_array(out);
    for (; images && *next_image < rows_count(images); ++*next_image) {
        struct image image = image_from_row(rows_at(images, *next_image));
        if (!text_equal(image.generation_id, text_of(generation->text)))
            break;
        image_write(out, &image, &links);
    }
    json_end_array(out);
}

void batch_write_items(struct json_out *out, const struct call *call, const PGresult *items, const PGresult *images)
{
    int next_image = 0;

    json_key(out, "items");
    json_array(out);
    for (int i = 0; i < rows_count(items); i++) {
        struct batch_item item = batch_item_from_row(rows_at(items, i));
        json_object(out);
        write_item(out, &item, call->lang);
        write_images(out, call, &item.generation.id, images, &next_image);
        json_end_object(out);
    }
    json_end_array(out);
}

static void write_created_items(struct json_out *out, const struct call *call, const PGresult *items)
{
    int next_image = 0;

    json_key(out, "items");
    json_array(out);
    for (int i = 0; i < rows_count(items); i++) {
        struct batch_item item = batch_item_from_row(rows_at(items, i));
        item.generation.status = "pending";
        item.generation.error_code = NULL;
        json_object(out);
        write_item(out, &item, call->lang);
        write_images(out, call, &item.generation.id, NULL, &next_image);
        json_end_object(out);
    }
    json_end_array(out);
}

/* Its place in the queue was not counted then, so that the end of its wait was not known. */
void batch_write_created(struct json_out *out, const struct batch *batch, const struct call *call,
                         const PGresult *items)
{
    struct batch first = *batch;

    first.pending = batch->total - batch->refused;
    first.running = first.completed = first.failed = first.cancelled = 0;
    first.cost = batch->reserved;
    first.avatar_deleted = first.cancel_requested = false;
    first.waiting_for = NULL;
    first.finished_at[0] = '\0';
    write_all(out, &first, -1, call->lang);
    write_created_items(out, call, items);
}
