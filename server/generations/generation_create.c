#include "generations/generation_create.h"

#include <string.h>

#include "avatars/avatar.h"
#include "base/clock.h"
#include "catalog/catalog.h"
#include "generations/plan_check.h"
#include "http/await_rows.h"
#include "jobs/bell.h"
#include "local.h"
#include "storage/object_link.h"
#include "users/access.h"
#include "users/account.h"

enum {
    MAX_TRIES = 3,            /* the account may have to be opened first, and what was in the way may go */
    MODEL_LINK_S = 48 * 3600, /* a generation waits for its turn for a day at most */
};

static struct next found_key(struct call *call, const PGresult *rows);
static struct next choose_avatar(struct call *call);
static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next created(struct call *call, const PGresult *rows);
static struct next found_key_again(struct call *call, const PGresult *rows);
static struct next look_why(struct call *call);
static struct next got_obstacles(struct call *call, const PGresult *rows);
static struct next opened_account(struct call *call, const PGresult *rows);
static struct next got_first_answer(struct call *call, const PGresult *rows);

static struct next refuse(struct call *call, enum err_kind kind, const char *code)
{
    const struct generation_create *state = call->state;
    struct err err;

    (void)err_set(&err, kind, code, "%s", call->route->path);
    return state->answers->refused(call, &err);
}

bool generation_create_is_on(const struct call *call, struct err *reterr)
{
    return local_of(call)->config->generation.key || err_set(reterr, ERR_BUSY, "generation_off", "FAL_KEY is not set");
}

/* model NULL: not known yet. */
static struct plan_request plan_request_of(const struct call *call, const struct generation_wish *wish,
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

void generation_wish_check(const struct call *call, const struct generation_wish *wish, struct faults *faults)
{
    const struct plan_request request = plan_request_of(call, wish, NULL);
    struct faults more = {0};

    (void)plan_check_request(local_of(call)->catalog, &request, &more);
    for (int i = 0; i < more.count; i++)
        if (!faults_have(faults, more.items[i].field) && faults->count < FAULTS_MAX)
            faults->items[faults->count++] = more.items[i];
}

struct next generation_create_begin(struct call *call)
{
    const struct generation_create *state = call->state;

    if (state->key.given)
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key);
    return choose_avatar(call);
}

static struct next replay_or(struct call *call, const PGresult *rows, struct next (*otherwise)(struct call *call))
{
    const struct generation_create *state = call->state;
    struct idempotency_kept kept;

    switch (idempotency_match(rows, &state->key, &kept)) {
    case IDEMPOTENCY_REPLAY: return await_rows(call, generation_by_id(call->who.user, kept.ref), got_first_answer);
    case IDEMPOTENCY_REUSED: return refuse(call, ERR_INVALID, "idempotency_key_reused");
    case IDEMPOTENCY_NEW: break;
    }
    return otherwise(call);
}

static struct next found_key(struct call *call, const PGresult *rows) { return replay_or(call, rows, choose_avatar); }

static struct next choose_avatar(struct call *call)
{
    const struct generation_create *state = call->state;

    if (state->wish.avatar_id.text[0])
        return await_rows(call, avatar_by_id(call->who.user, state->wish.avatar_id), got_avatar);
    return await_rows(call, avatar_main(call->who.user), got_avatar);
}

static struct query insert(const struct call *call, const struct avatar *avatar, const struct plan *plan)
{
    const struct generation_create *state = call->state;
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
        .source = access_source(call),
        .num_images = plan->num_images,
        .cost = plan->price,
        .expected_seconds = plan->expected_seconds.max,
        .batch = state->wish.batch,
        .has_seed = state->wish.has_seed,
        .seed = state->wish.seed,
    };

    return generation_insert(&new);
}

/* Of a model that is ours the provider gets an address that ends; the one that it gave us itself may be gone. */
static struct avatar_model model_for(const struct call *call, const struct avatar *avatar, char url[OBJECT_LINK_ROOM])
{
    struct object_links *links = local_of(call)->links;
    struct avatar_model model = avatar_model_of(avatar);

    if (!*avatar->model_key || !object_links_are_public(links))
        return model;
    (void)object_link_get(links, text_of(local_of(call)->config->public_url), TEXT(AVATAR_MODEL_BUCKET),
                          text_of(avatar->model_key), clock_wall_s(), MODEL_LINK_S, url);
    model.lora_url = url;
    return model;
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    struct generation_create *state = call->state;
    CLEANUP(plan_done) struct plan plan = {0};
    struct faults faults = {0};
    struct plan_request request;
    struct avatar_model model;
    struct avatar avatar;
    struct err err = {0};
    char url[OBJECT_LINK_ROOM];

    if (rows_count(rows) == 0)
        return state->wish.avatar_id.text[0] ? refuse(call, ERR_NOT_FOUND, "not_found")
                                             : refuse(call, ERR_CONFLICT, "no_main_avatar");
    avatar = avatar_from_row(rows_at(rows, 0));
    if (!avatar_is_ready(&avatar))
        return refuse(call, ERR_CONFLICT, "avatar_not_ready");
    model = model_for(call, &avatar, url);
    request = plan_request_of(call, &state->wish, &model);
    if (!plan_make(local_of(call)->catalog, &request, &plan, &faults, &err))
        return err.kind != ERR_NONE ? state->answers->refused(call, &err) : state->answers->faulty(call, &faults);
    state->avatar = avatar.id;
    state->needed = plan.price;
    return await_rows(call, insert(call, &avatar, &plan), created); /* copies what the plan lends it */
}

static struct next tell_created(struct call *call, const PGresult *rows, bool replayed)
{
    const struct generation_create *state = call->state;
    struct generation generation = generation_from_row(rows_at(rows, 0));

    return state->answers->created(call, &generation, replayed);
}

static struct next created(struct call *call, const PGresult *rows)
{
    const struct generation_create *state = call->state;

    if (rows_count(rows) > 0) {
        bell_ring(local_of(call)->bell);
        return tell_created(call, rows, false);
    }
    if (state->key.given) /* perhaps the same request was faster */
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key_again);
    return look_why(call);
}

static struct next found_key_again(struct call *call, const PGresult *rows) { return replay_or(call, rows, look_why); }

/* Nothing was made */

static struct next look_why(struct call *call)
{
    const struct generation_create *state = call->state;

    return await_rows(call, generation_obstacles(call->who.user, state->avatar), got_obstacles);
}

static struct next got_obstacles(struct call *call, const PGresult *rows)
{
    struct generation_obstacles o = generation_obstacles_from_row(rows_at(rows, 0));
    struct generation_create *state = call->state;

    state->available = o.available;
    if (!o.has_avatar)
        return refuse(call, ERR_NOT_FOUND, "not_found"); /* it was deleted meanwhile */
    if (o.has_account && o.available < state->needed)
        return refuse(call, ERR_PAYMENT, "quota_exceeded");
    if (o.unfinished >= GENERATIONS_MAX_OPEN)
        return refuse(call, ERR_RATE, "too_many_requests");
    if (++state->tries == MAX_TRIES)
        return refuse(call, ERR_BUSY, "busy");
    if (o.has_account) /* what was in the way has gone */
        return choose_avatar(call);
    return await_rows(call, account_open(call->who.user, local_of(call)->config->default_quota), opened_account);
}

static struct next opened_account(struct call *call, const PGresult *rows)
{
    (void)rows; /* somebody else may have opened it */
    return choose_avatar(call);
}

static struct next got_first_answer(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) == 0)
        return refuse(call, ERR_NOT_FOUND, "not_found");
    return tell_created(call, rows, true);
}
