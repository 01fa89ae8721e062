/* A look is: Redis is asked (unless nothing may be kept, or it is away), then PostgreSQL for what was not there, then
   the step runs, then what came from PostgreSQL is sent to Redis. The look is freed at its end, or when the client
   goes; the step may free the call, so nothing of that is touched behind it. */
#include "http/await_cached.h"

#include <stdlib.h>

#include "base/clock.h"
#include "db/rows.h"
#include "http/cache_entry.h"
#include "http/reply.h"

struct look {
    struct call *call;
    struct cache *cache; /* NULL: none */
    struct cached cached;
    struct uuid user; /* "": everybody's */
    struct query query;
    char *texts;      /* of the query */
    follow_fn follow; /* NULL: one statement */
    rows_fn then_rows;
    pair_fn then_pair;               /* when there are two */
    struct redis_question *question; /* NULL: op is waited for */
    struct db_op *op;
    PGresult *first;                   /* ours: found, or kept for the time of the second statement */
    const char *sql[CACHE_ENTRY_ROWS]; /* of the statements that ran */
    int64_t read_us;                   /* when the first one was asked */
};

static void ask_first(struct look *look);
static void on_found(void *owner, const struct redis_answer *answer);
static void on_first(void *owner, const PGresult *rows, const struct err *err);
static void on_second(void *owner, const PGresult *rows, const struct err *err);

static void look_free(struct look *look)
{
    rows_free(look->first);
    free(look->texts);
    free(look);
}

static void cancel(void *waiting)
{
    struct look *look = waiting;

    if (look->question)
        redis_question_cancel(look->question);
    else
        db_cancel(look->op);
    look_free(look);
}

static struct cache_place place_of(const struct look *look)
{
    return (struct cache_place){look->cached.key, look->cached.field, look->user.text};
}

/* The end of a wait */

static void go_on(struct look *look, const PGresult *rows, const PGresult *more, double age_s)
{
    struct call *call = look->call;
    struct cached_pair pair = {rows, more, age_s};

    call_resumed(call);
    if (look->follow)
        (void)look->then_pair(call, &pair);
    else
        (void)look->then_rows(call, rows);
}

static void keep(struct look *look, const PGresult *rows, const PGresult *more)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(CACHE_ENTRY_MAX);
    struct cache_entry entry = {.version = look->cached.shared ? 0 : look->cached.version,
                                .read_us = look->read_us,
                                .count = more ? 2 : 1,
                                .read = {{look->sql[0], rows}, {look->sql[1], more}}};
    struct cache_place place = place_of(look);

    if (cache_entry_write(&entry, &place, cache_mac(look->cache), &bytes))
        cache_keep(look->cache, look->cached.key, look->cached.field, look->cached.ttl_s,
                   (struct text){bytes.bytes, bytes.len});
}

static bool is_versioned(const struct cached *cached) { return cached->shared || cached->version > 0; }

/* From PostgreSQL: the answer goes first. */
static void deliver(struct look *look, const PGresult *rows, const PGresult *more)
{
    go_on(look, rows, more, 0);
    if (is_versioned(&look->cached) && redis_link_ready(cache_link(look->cache)) &&
        (!look->cached.keep || look->cached.keep(rows, more)))
        keep(look, rows, more);
    look_free(look);
}

static void fail(struct look *look, const struct err *err)
{
    call_resumed(look->call);
    (void)reply_err(look->call, err);
    look_free(look);
}

/* PostgreSQL */

static struct db *db_of(const struct look *look) { return local_db(look->call->thread->local); }

static void ask_first(struct look *look)
{
    look->question = NULL;
    look->read_us = clock_wall_us();
    look->sql[0] = look->query.sql;
    look->op = db_run(db_of(look), &look->query, on_first, look);
}

static void on_first(void *owner, const PGresult *rows, const struct err *err)
{
    struct look *look = owner;
    struct query second;

    if (err) {
        fail(look, err);
        return;
    }
    if (!look->follow || !look->follow(look->call, rows, &second)) {
        deliver(look, rows, NULL);
        return;
    }
    look->first = rows_copy(rows);
    look->sql[1] = second.sql;
    look->op = db_run(db_of(look), &second, on_second, look);
}

static void on_second(void *owner, const PGresult *rows, const struct err *err)
{
    struct look *look = owner;

    if (err)
        fail(look, err);
    else
        deliver(look, look->first, rows);
}

/* Redis */

/* A clock that differs from the writer's makes nothing younger than new. */
static double age_s(const struct cache_reader *reader)
{
    int64_t age_us = clock_wall_us() - reader->read_us;

    return age_us > 0 ? (double)age_us / 1e6 : 0;
}

/* What the entry holds, if it is what would be read now. */
static bool take(struct look *look, struct cache_reader *reader, PGresult **ret_more)
{
    struct query second;

    *ret_more = NULL;
    if (!(look->first = cache_entry_take(reader, look->query.sql)))
        return false;
    if (look->follow && look->follow(look->call, look->first, &second) &&
        !(*ret_more = cache_entry_take(reader, second.sql)))
        return false;
    return reader->left == 0;
}

static enum cache_result judge(struct look *look, const struct redis_answer *answer, struct cache_reader *reader)
{
    struct cache_place place = place_of(look);

    if (answer->kind == REDIS_ANSWER_NIL)
        return CACHE_MISS;
    if (answer->kind != REDIS_ANSWER_TEXT || !cache_entry_open(answer->text, &place, cache_mac(look->cache), reader))
        return CACHE_FAILED;
    return look->cached.shared || reader->version == look->cached.version ? CACHE_HIT : CACHE_MISS;
}

static void on_found(void *owner, const struct redis_answer *answer)
{
    struct look *look = owner;
    struct cache_reader reader;
    PGresult *more = NULL;
    enum cache_result result = judge(look, answer, &reader);

    if (result == CACHE_HIT && !take(look, &reader, &more))
        result = CACHE_MISS; /* of an older program, with other statements */
    cache_count(look->cache, look->cached.name, result);
    if (result == CACHE_HIT) {
        go_on(look, look->first, more, age_s(&reader));
        look_free(look);
    } else {
        rows_free(look->first);
        look->first = NULL;
        ask_first(look);
    }
    rows_free(more);
}

static struct redis_question *ask_redis(struct look *look)
{
    bool hash = *look->cached.field != '\0';
    const struct text words[] = {hash ? TEXT("HGET") : TEXT("GET"), text_of(look->cached.key),
                                 text_of(look->cached.field)};
    struct redis_question *question;

    if (!is_versioned(&look->cached))
        return NULL;
    question = redis_link_ask(cache_link(look->cache), hash ? 3 : 2, words, on_found, look);
    if (!question)
        cache_count(look->cache, look->cached.name, CACHE_OFF);
    return question;
}

/* The wait begins */

static struct next begin(struct call *call, const struct cached *cached, const struct query *query, struct look *look,
                         const char *step)
{
    look->call = call;
    look->cache = local_cache(call->thread->local);
    look->cached = *cached;
    look->query = *query;
    if (!cached->shared)
        look->user = call->who.user;
    if ((look->question = ask_redis(look)))
        look->texts = query_keep(&look->query);
    else
        ask_first(look);
    return call_await(call, look, cancel, step);
}

static struct look *look_make(void)
{
    struct look *look = calloc(1, sizeof *look);

    if (!look)
        abort();
    return look;
}

struct next await_rows_cached_named(struct call *call, const struct cached *cached, struct query query, rows_fn then,
                                    const char *step)
{
    struct look *look = look_make();

    look->then_rows = then;
    return begin(call, cached, &query, look, step);
}

struct next await_pair_cached_named(struct call *call, const struct cached *cached, struct query query,
                                    follow_fn follow, pair_fn then, const char *step)
{
    struct look *look = look_make();

    look->follow = follow;
    look->then_pair = then;
    return begin(call, cached, &query, look, step);
}
