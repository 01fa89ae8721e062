/* POST /api/v1/generations: from a wish to a durable job. */
#include <string.h>

#include "avatars/avatar.h"
#include "catalog/catalog.h"
#include "generations/generation.h"
#include "generations/generation_api.h"
#include "generations/plan.h"
#include "generations/plan_check.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"
#include "users/idempotency.h"

enum { RETRY_AFTER_S = 30 };

struct wish {
    char prompt[4 * PLAN_PROMPT_MAX + 1];
    struct uuid avatar_id;
    char preset[40], aspect_ratio[40];
    int64_t num_images;
    struct plan_size image_size;
    bool has_seed;
    uint64_t seed;
    struct settings overrides;
};

struct create {
    struct wish wish;
    struct idempotency key;
};

static const struct json_field WISH_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct wish, prompt, .min = 1, .max = PLAN_PROMPT_MAX),
    JSON_FIELD(JSON_UUID, struct wish, avatar_id, .optional = true),
    JSON_FIELD(JSON_TEXT, struct wish, preset, .min = 1, .max = 39, .optional = true),
    JSON_FIELD(JSON_TEXT, struct wish, aspect_ratio, .min = 1, .max = 39, .optional = true),
    JSON_FIELD(JSON_INT64, struct wish, num_images, .min = 1, .max = 4, .optional = true),
    JSON_FIELD(JSON_CUSTOM, struct wish, image_size, .custom = plan_size_decode, .optional = true),
    JSON_FIELD(JSON_UINT64, struct wish, seed, .optional = true, .present = offsetof(struct wish, has_seed)),
    JSON_FIELD(JSON_OBJECT, struct wish, overrides, .fields = settings_fields, .optional = true),
    {0},
};

static struct next found_key(struct call *call, const PGresult *rows);
static struct next choose_avatar(struct call *call);
static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next created(struct call *call, const PGresult *rows);
static struct next found_key_again(struct call *call, const PGresult *rows);
static struct next counted_open(struct call *call, const PGresult *rows);
static struct next got_first_answer(struct call *call, const PGresult *rows);

static struct next generation_is_off(struct call *call)
{
    struct err err;

    (void)err_set(&err, ERR_BUSY, "generation_off", "FAL_KEY is not set");
    return reply_err(call, &err);
}

/* model NULL: not known yet. */
static struct plan_request plan_request_of(const struct call *call, const struct wish *wish,
                                           const struct avatar_model *model)
{
    return (struct plan_request){.model = model,
                                 .prompt = text_of(wish->prompt),
                                 .preset = *wish->preset ? wish->preset : call->who.default_preset,
                                 .aspect_ratio = wish->aspect_ratio,
                                 .size = wish->image_size,
                                 .num_images = wish->num_images,
                                 .overrides = wish->overrides};
}

static bool is_faulty(const struct faults *faults, const char *field)
{
    for (int i = 0; i < faults->count; i++)
        if (strcmp(faults->items[i].field, field) == 0)
            return true;
    return false;
}

/* What can be judged before the avatar is known, told together with what the body's form is faulted for. */
static void check_wish(struct call *call, const struct wish *wish, struct faults *faults)
{
    const struct plan_request request = plan_request_of(call, wish, NULL);
    struct faults more = {0};

    (void)plan_check_request(local_of(call)->catalog, &request, &more);
    for (int i = 0; i < more.count; i++)
        if (!is_faulty(faults, more.items[i].field) && faults->count < FAULTS_MAX)
            faults->items[faults->count++] = more.items[i];
}

static bool read_wish(struct call *call, struct wish *ret, struct next *refused)
{
    struct faults faults = {0};

    if (!body_json_faults(call, WISH_FIELDS, ret, &faults, refused))
        return false;
    check_wish(call, ret, &faults);
    if (faults.count)
        *refused = reply_faults(call, &faults);
    return faults.count == 0;
}

struct next generation_create(struct call *call)
{
    struct create *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!local_of(call)->config->fal_key)
        return generation_is_off(call);
    if (!body_no_query(call, &refused) || !idempotency_read(call, &state->key, &refused) ||
        !read_wish(call, &state->wish, &refused))
        return refused;
    if (state->key.given)
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key);
    return choose_avatar(call);
}

static struct next replay_or(struct call *call, const PGresult *rows, struct next (*otherwise)(struct call *call))
{
    struct create *state = call->state;
    struct idempotency_kept kept;

    switch (idempotency_match(rows, &state->key, &kept)) {
    case IDEMPOTENCY_REPLAY: return await_rows(call, generation_by_id(call->who.user, kept.ref), got_first_answer);
    case IDEMPOTENCY_REUSED: return idempotency_refuse_reuse(call);
    case IDEMPOTENCY_NEW: break;
    }
    return otherwise(call);
}

static struct next found_key(struct call *call, const PGresult *rows) { return replay_or(call, rows, choose_avatar); }

static struct next choose_avatar(struct call *call)
{
    const struct create *state = call->state;

    if (state->wish.avatar_id.text[0])
        return await_rows(call, avatar_by_id(call->who.user, state->wish.avatar_id), got_avatar);
    return await_rows(call, avatar_main(call->who.user), got_avatar);
}

static struct next conflict(struct call *call, const char *code)
{
    struct err err;

    (void)err_set(&err, ERR_CONFLICT, code, "%s", call->route->path);
    return reply_err(call, &err);
}

static const char *source_of(const struct call *call)
{
    return call->who.kind == WHO_SERVICE ? "telegram" : call->who.kind == WHO_SESSION ? "web" : "api";
}

static struct query insert(const struct call *call, const struct avatar *avatar, const struct plan *plan)
{
    const struct create *state = call->state;
    struct generation_new new = {
        .id = uuid_make(),
        .user = call->who.user,
        .avatar = avatar->id,
        .key = &state->key,
        .prompt = state->wish.prompt,
        .final_prompt = plan->final_prompt.bytes,
        .preset = plan->preset->name,
        .endpoint = plan->endpoint->id,
        .parameters = plan->parameters.bytes,
        .input = plan->input.bytes,
        .source = source_of(call),
        .num_images = plan->num_images,
        .cost = plan->price,
        .expected_seconds = plan->expected_seconds.max,
        .has_seed = state->wish.has_seed,
        .seed = state->wish.seed,
    };

    return generation_insert(&new);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    const struct create *state = call->state;
    CLEANUP(plan_done) struct plan plan = {0};
    struct faults faults = {0};
    struct plan_request request;
    struct avatar_model model;
    struct avatar avatar;
    struct err err = {0};

    if (rows_count(rows) == 0)
        return state->wish.avatar_id.text[0] ? reply_not_found(call) : conflict(call, "no_main_avatar");
    avatar = avatar_from_row(rows_at(rows, 0));
    if (!avatar_is_completed(&avatar))
        return conflict(call, "avatar_not_ready");
    model = avatar_model_of(&avatar);
    request = plan_request_of(call, &state->wish, &model);
    if (!plan_make(local_of(call)->catalog, &request, &plan, &faults, &err))
        return err.kind != ERR_NONE ? reply_err(call, &err) : reply_faults(call, &faults);
    return await_rows(call, insert(call, &avatar, &plan), created); /* copies what the plan lends it */
}

static struct next accepted(struct call *call, const PGresult *rows)
{
    struct generation generation = generation_from_row(rows_at(rows, 0));
    struct json_out out = reply_json_begin(call);
    char location[80];

    json_object(&out);
    generation_write_created(&out, &generation, call->lang);
    json_key(&out, "images");
    json_array(&out);
    json_end_array(&out);
    json_end_object(&out);
    (void)snprintf(location, sizeof location, "/api/v1/generations/%s", generation.id.text);
    reply_header(call, "location", location);
    return reply_json(call, 202, &out);
}

static struct next created(struct call *call, const PGresult *rows)
{
    const struct create *state = call->state;

    if (rows_count(rows) > 0) {
        bell_ring(local_of(call)->bell);
        return accepted(call, rows);
    }
    if (state->key.given) /* perhaps the same request was faster */
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key_again);
    return await_rows(call, generations_open_count(call->who.user), counted_open);
}

static struct next count_open(struct call *call)
{
    return await_rows(call, generations_open_count(call->who.user), counted_open);
}

static struct next found_key_again(struct call *call, const PGresult *rows)
{
    return replay_or(call, rows, count_open);
}

static struct next counted_open(struct call *call, const PGresult *rows)
{
    struct row row = rows_at(rows, 0);

    if (row_int64(&row) >= GENERATIONS_MAX_OPEN)
        return reply_too_many(call, "too_many_requests", "unfinished generations", GENERATIONS_MAX_OPEN, RETRY_AFTER_S);
    return reply_not_found(call); /* the avatar was deleted meanwhile */
}

static struct next got_first_answer(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) == 0)
        return reply_not_found(call);
    idempotency_mark_replayed(call);
    return accepted(call, rows);
}
