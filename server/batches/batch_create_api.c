/* POST /api/v1/generations/batches: a wish as JSON. */
#include "batches/batch_create.h"

#include <stdio.h>
#include <string.h>

#include "batches/batch_api.h"
#include "batches/batch_write.h"
#include "generations/generation_create.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"

struct creating {
    struct batch_create flow; /* first: the way of a wish looks for it there */
    struct uuid batch;
    const PGresult *rows;
};

static void read_mode(yajl_val value, void *at, const char *field, struct faults *faults)
{
    const char *name = YAJL_GET_STRING(value);

    if (!name)
        (void)faults_add(faults, field, "not_a_string");
    else if (strcmp(name, "parallel") != 0 && strcmp(name, "sequential") != 0)
        (void)faults_add_what(faults, field, "not_one_of", TEXT("parallel, sequential"));
    else
        *(bool *)at = *name == 's';
}

/* What is wrong with one prompt is that prompt's matter; but what is no text at all is no list of prompts. */
static void read_prompts(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct batch_wish *wish = at;
    char name[32];

    if (!YAJL_IS_ARRAY(value)) {
        (void)faults_add(faults, field, "not_an_array");
        return;
    }
    if (value->u.array.len == 0)
        (void)faults_add(faults, field, "empty");
    if (value->u.array.len > BATCH_MAX)
        (void)faults_add_range(faults, field, "too_many_items", 1, BATCH_MAX);
    for (size_t i = 0; i < value->u.array.len && i < BATCH_MAX; i++) {
        const char *prompt = YAJL_GET_STRING(value->u.array.values[i]);
        if (prompt) {
            (void)batch_wish_add(wish, text_of(prompt));
            continue;
        }
        (void)snprintf(name, sizeof name, "%s[%zu]", field, i);
        (void)faults_add(faults, name, "not_a_string");
    }
}

/* A member of what all have in common. */
#define COMMON(kind, member, ...)                                                                                      \
    {                                                                                                                  \
        .name = #member, .type = kind, .offset = offsetof(struct batch_wish, each.member),                             \
        .size = sizeof(((struct batch_wish *)0)->each.member), .optional = true, __VA_ARGS__                           \
    }

static const struct json_field WISH_FIELDS[] = {
    {.name = "prompts", .type = JSON_CUSTOM, .offset = 0, .custom = read_prompts},
    {.name = "mode",
     .type = JSON_CUSTOM,
     .offset = offsetof(struct batch_wish, is_sequential),
     .custom = read_mode,
     .optional = true},
    COMMON(JSON_UUID, avatar_id),
    COMMON(JSON_TEXT, preset, .min = 1, .max = 39),
    COMMON(JSON_TEXT, aspect_ratio, .min = 1, .max = 39),
    COMMON(JSON_INT64, num_images, .min = 1, .max = 4),
    COMMON(JSON_CUSTOM, image_size, .custom = plan_size_decode),
    COMMON(JSON_UINT64, seed, .present = offsetof(struct batch_wish, each.has_seed)),
    COMMON(JSON_OBJECT, overrides, .fields = settings_fields),
    {0},
};

static struct next got_batch(struct call *call, const PGresult *rows);
static struct next got_items(struct call *call, const PGresult *rows);

static struct next created(struct call *call, struct uuid batch, bool replayed)
{
    struct creating *state = call->state;

    if (replayed)
        idempotency_mark_replayed(call);
    state->batch = batch;
    return await_rows(call, batch_by_id(call->who.user, batch), got_batch);
}

static struct next got_batch(struct call *call, const PGresult *rows)
{
    struct creating *state = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call); /* a replay of something whose user's rows are being removed */
    state->rows = rows_keep(call, rows);
    return await_rows(call, batch_items(call->who.user, state->batch), got_items);
}

static struct next got_items(struct call *call, const PGresult *rows)
{
    const struct creating *state = call->state;
    struct batch batch = batch_from_row(rows_at(state->rows, 0));
    struct json_out out = reply_json_begin(call);
    char location[80];

    json_object(&out);
    batch_write_created(&out, &batch, call, rows);
    json_end_object(&out);
    (void)snprintf(location, sizeof location, "/api/v1/generations/batches/%s", batch.id.text);
    reply_header(call, "location", location);
    return reply_json(call, 202, &out);
}

static const struct batch_answers ANSWERS = {created, reply_faults, wish_steps_reply};

struct next batch_create_asked(struct call *call)
{
    struct creating *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct next reply;
    struct err err;

    state->flow.answers = &ANSWERS;
    if (!generation_create_is_on(call, &err))
        return reply_err(call, &err);
    if (!body_no_query(call, &reply) || !idempotency_read(call, &state->flow.steps.key, &reply) ||
        !body_json_faults(call, WISH_FIELDS, &state->flow.wish, &faults, &reply))
        return reply;
    if (faults.count)
        return reply_faults(call, &faults);
    return batch_create_begin(call);
}
