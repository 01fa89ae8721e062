/* Wishes as rows: made once, listed along their index, cancelled while a worker is at them. */
#include "generations/generation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/log.h"
#include "generations/attempt.h"
#include "support/sql.h"
#include "support/sql_wish.h"

enum { MAX_THREADS = 8, ROUNDS = 60 };

static struct uuid user, avatar;

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    user = sql_user("wishes");
    avatar = sql_avatar(user);
    return 0;
}

static struct generation_new wish(const struct idempotency *key)
{
    struct generation_new new = sql_wish(user, avatar, key);

    new.prompt = "A \"cat\" \xd0\xb9";
    new.final_prompt = "TRG A \"cat\" \xd0\xb9";
    new.endpoint = "fal-ai/flux-lora";
    new.parameters = "{\"x\":1}";
    new.input = "{\"prompt\":\"x\"}";
    new.num_images = 2;
    new.expected_seconds = 12;
    new.has_seed = true;
    new.seed = UINT64_MAX;
    return new;
}

static void empty_queue(void) { sql_do("DELETE FROM generation_queue; DELETE FROM slots; DELETE FROM jobs"); }

/* Its turn comes, and a worker takes it. */
static struct job admitted(struct uuid id)
{
    struct job job = {.ref = id};

    assert_string_equal(sql_value("SELECT generations_admit(1000, 1000)"), "1");
    assert_true(text_int64(
        text_of(sql_value("UPDATE jobs SET state = 'leased', epoch = 1, worker_id = 1 WHERE ref = '%s' RETURNING id",
                          id.text)),
        1, INT64_MAX, &job.id));
    job.epoch = 1;
    return job;
}

static struct uuid add_wish(void)
{
    struct generation_new new = wish(NULL);

    assert_int_equal(sql_count(generation_insert(&new)), 1);
    usleep(1100); /* ids are in the order of their millisecond */
    return new.id;
}

static void everything_is_written_at_once(void **state)
{
    struct generation_new new = wish(NULL);
    CLEANUP(pg_clear) PGresult *rows = sql_rows(generation_insert(&new)), *read = NULL;
    struct generation g = generation_from_row(rows_at(rows, 0)), again;

    (void)state;
    assert_string_equal(g.id.text, new.id.text);
    assert_string_equal(g.avatar_id.text, avatar.text);
    assert_string_equal(g.status, "pending");
    assert_string_equal(g.prompt, new.prompt);
    assert_string_equal(g.final_prompt, new.final_prompt);
    assert_string_equal(g.seed, "18446744073709551615");
    assert_true(g.num_images == 2 && g.cost == 4 && g.charged == -1 && g.queue_position == -1 && g.version == 1);
    assert_true(g.usual_s > 11.9 && g.usual_s < 12.1 && !g.batch);
    assert_string_equal(g.waiting_for, "waiting_queue");
    assert_true(!g.avatar_deleted && !g.error_code && !*g.started_at && !*g.finished_at && *g.created_at);
    assert_true(g.took_s < 0);
    read = sql_rows(generation_by_id(user, new.id));
    again = generation_from_row(rows_at(read, 0));
    assert_string_equal(again.prompt, new.prompt);
    assert_string_equal(again.created_at, g.created_at);
    assert_string_equal(sql_value("SELECT lane || ' ' || endpoint || ' ' || cost FROM generation_queue"
                                  " WHERE generation_id = '%s' AND user_id = '%s'",
                                  new.id.text, user.text),
                        "0 fal-ai/flux-lora 4");
    assert_string_equal(sql_value("SELECT count(*) FROM jobs WHERE ref = '%s'", new.id.text), "0"); /* not its turn */
    assert_string_equal(sql_value("SELECT concat_ws(' ', payload::json->>'action', payload::json->>'status',"
                                  " payload::json->>'version') FROM events WHERE ref = '%s' AND user_id = '%s'",
                                  new.id.text, user.text),
                        "created pending 1");
    assert_int_equal(sql_count(generation_by_id(sql_user("other"), new.id)), 0);
}

static void an_avatar_that_is_not_the_users_or_gone_makes_nothing(void **state)
{
    struct uuid other = sql_user("other");
    struct generation_new new = wish(NULL);
    char sql[200];

    (void)state;
    new.avatar = sql_avatar(other);
    assert_int_equal(sql_count(generation_insert(&new)), 0);
    new.avatar = avatar;
    (void)snprintf(sql, sizeof sql, "UPDATE avatars SET deleted_at = now() WHERE id = '%s'", avatar.text);
    sql_do(sql);
    assert_int_equal(sql_count(generation_insert(&new)), 0);
    assert_string_equal(sql_value("SELECT count(*) FROM generation_queue WHERE generation_id = '%s'", new.id.text),
                        "0");
    assert_string_equal(sql_value("SELECT held FROM accounts WHERE user_id = '%s'", user.text), "0");
}

static void unfinished_ones_have_a_limit(void **state)
{
    struct generation_new new = wish(NULL);
    struct uuid one;

    (void)state;
    (void)sql_value("UPDATE accounts SET unfinished = %d WHERE user_id = '%s' RETURNING 1", GENERATIONS_MAX_OPEN - 1,
                    user.text);
    one = add_wish();
    assert_int_equal(sql_count(generation_insert(&new)), 0);
    assert_int_equal(sql_count(generation_cancel(user, one)), 1);
    assert_int_equal(sql_count(generation_insert(&new)), 1);
}

struct repeater {
    pthread_t thread;
    struct idempotency key;
    struct generation_new new;
    int created;
    bool failed;
};

static void *create(void *arg)
{
    struct repeater *r = arg;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct query q = generation_insert(&r->new);
    struct err err;
    PGresult *rows = pg_run(pg, &q, &err);

    r->failed = !rows;
    r->created = rows ? rows_count(rows) : 0;
    PQclear(rows);
    pg_close(pg);
    return NULL;
}

static void a_key_creates_once_however_many_come_at_the_same_moment(void **state)
{
    static struct repeater repeaters[MAX_THREADS];
    int created = 0;

    (void)state;
    for (int i = 0; i < MAX_THREADS; i++) {
        repeaters[i] = (struct repeater){.key = {.given = true, .key = "the key"}};
        repeaters[i].new = wish(&repeaters[i].key);
        assert_int_equal(pthread_create(&repeaters[i].thread, NULL, create, &repeaters[i]), 0);
    }
    for (int i = 0; i < MAX_THREADS; i++) {
        assert_int_equal(pthread_join(repeaters[i].thread, NULL), 0);
        assert_false(repeaters[i].failed);
        created += repeaters[i].created;
    }
    assert_int_equal(created, 1);
    assert_string_equal(sql_value("SELECT count(*) FROM generations WHERE user_id = '%s'", user.text), "1");
    assert_string_equal(sql_value("SELECT count(*) FROM idempotency_keys k JOIN generations g ON g.id = k.ref"
                                  " WHERE k.user_id = '%s'",
                                  user.text),
                        "1");
    assert_string_equal(sql_value("SELECT held || ' ' || unfinished FROM accounts WHERE user_id = '%s'", user.text),
                        "4 1");
}

static void a_refused_wish_leaves_its_key_free(void **state)
{
    struct idempotency key = {.given = true, .key = "free"};
    struct generation_new new = wish(&key);
    struct uuid gone = uuid_make();

    (void)state;
    new.avatar = gone;
    assert_int_equal(sql_count(generation_insert(&new)), 0);
    assert_int_equal(sql_count(idempotency_find(user, &key)), 0);
    new.avatar = avatar;
    assert_int_equal(sql_count(generation_insert(&new)), 1);
    assert_int_equal(sql_count(idempotency_find(user, &key)), 1);
}

static void pages_join_without_gap_or_repetition(void **state)
{
    struct uuid made[23], after = {""}, other;
    int seen = 0, pages = 0;

    (void)state;
    for (int i = 0; i < 23; i++)
        made[i] = add_wish();
    other = user;
    user = sql_user("neighbour");
    avatar = sql_avatar(user);
    (void)add_wish();
    for (; pages < 10; pages++) {
        CLEANUP(pg_clear) PGresult *rows = sql_rows(generations_of(other, after, 5));
        for (int i = 0; i < rows_count(rows); i++, seen++) {
            after = generation_from_row(rows_at(rows, i)).id;
            assert_string_equal(after.text, made[22 - seen].text); /* the newest first */
        }
        if (rows_count(rows) < 5)
            break;
    }
    assert_int_equal(seen, 23);
    assert_int_equal(pages, 4);
}

static void a_new_one_does_not_move_what_stands_behind_a_place(void **state)
{
    struct uuid first, second, third, after;

    (void)state;
    first = add_wish();
    second = add_wish();
    third = add_wish();
    after = third;
    (void)add_wish();
    {
        CLEANUP(pg_clear) PGresult *rows = sql_rows(generations_of(user, after, 10));
        assert_int_equal(rows_count(rows), 2);
        assert_string_equal(generation_from_row(rows_at(rows, 0)).id.text, second.text);
        assert_string_equal(generation_from_row(rows_at(rows, 1)).id.text, first.text);
    }
}

static void only_its_owner_cancels(void **state)
{
    struct uuid id = add_wish();

    (void)state;
    assert_int_equal(sql_count(generation_cancel(sql_user("other"), id)), 0);
    assert_int_equal(sql_count(generation_cancel(user, uuid_make())), 0);
    assert_int_equal(sql_count(generation_cancel(user, id)), 1);
    assert_int_equal(sql_count(generation_cancel(user, id)), 0);
    assert_string_equal(sql_value("SELECT concat_ws(' ', status, finished_at IS NOT NULL, version, charged)"
                                  " FROM generations WHERE id = '%s'",
                                  id.text),
                        "cancelled t 2 0");
    assert_string_equal(sql_value("SELECT count(*) FROM generation_queue WHERE generation_id = '%s'", id.text), "0");
    assert_string_equal(sql_value("SELECT string_agg(payload::json->>'version', ' ' ORDER BY id) FROM events"
                                  " WHERE ref = '%s'",
                                  id.text),
                        "1 2");
}

static void a_cancel_gives_the_turn_back(void **state)
{
    struct uuid id;

    (void)state;
    empty_queue();
    id = add_wish();
    assert_string_equal(sql_value("SELECT generations_admit(9, 9)"), "1");
    {
        CLEANUP(pg_clear) PGresult *rows = sql_rows(generation_cancel(user, id)); /* admitted, not begun */
        struct generation g = generation_from_row(rows_at(rows, 0));
        assert_string_equal(g.status, "cancelled");
        assert_true(g.charged == 0 && generation_seconds_left(&g) == -1 && !g.waiting_for);
    }
    assert_string_equal(sql_value("SELECT count(*) FROM slots WHERE generation_id = '%s'", id.text), "0");
    assert_string_equal(sql_value("SELECT signals FROM jobs WHERE ref = '%s'", id.text), "1"); /* it ends itself */
}

/* A worker that sends, and a client that cancels, at the same moment: either it was never sent, or it was, and is asked
   to end. */
struct racer {
    pthread_t thread;
    struct pg *pg;
    struct query query;
    int rows; /* -1: failed */
    pthread_barrier_t *start;
};

static void *race(void *arg)
{
    struct racer *racer = arg;
    struct err err;
    PGresult *rows;

    (void)pthread_barrier_wait(racer->start);
    rows = pg_run(racer->pg, &racer->query, &err);
    racer->rows = rows ? rows_count(rows) : -1;
    PQclear(rows);
    return NULL;
}

static void race_once(struct pg *pgs[2])
{
    struct uuid id = add_wish();
    pthread_barrier_t start;
    struct racer racers[2] = {{.pg = pgs[0], .start = &start}, {.pg = pgs[1], .start = &start}};
    struct job job = admitted(id);
    const char *end;

    racers[0].query = attempt_begin(&job, 1, NULL);
    racers[1].query = generation_cancel(user, id);
    pthread_barrier_init(&start, NULL, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
    pthread_barrier_destroy(&start);
    assert_int_equal(racers[1].rows, 1);
    end = sql_value("SELECT status || ' ' || cancel_requested || ' ' || (SELECT count(*) FROM submissions"
                    " WHERE generation_id = g.id) FROM generations g WHERE id = '%s'",
                    id.text);
    assert_string_equal(end, racers[0].rows == 1 ? "submitting true 1" : "cancelled true 0");
    assert_int_equal(sql_count(job_done(&job)), 0);
}

static void a_cancel_is_before_or_behind_the_sending_never_between(void **state)
{
    struct pg *pgs[2] = {pg_open(getenv("DATABASE_URL")), pg_open(getenv("DATABASE_URL"))};

    (void)state;
    empty_queue();
    for (int i = 0; i < ROUNDS; i++)
        race_once(pgs);
    pg_close(pgs[0]);
    pg_close(pgs[1]);
}

/* What the client cancels while the worker and a notification write, over and over, each in its own order: nobody ends
   in a deadlock. */
static void *write_often(void *arg)
{
    struct racer *racer = arg;
    struct err err;

    (void)pthread_barrier_wait(racer->start);
    for (int i = 0; i < ROUNDS && racer->rows >= 0; i++) {
        PGresult *rows = pg_run(racer->pg, &racer->query, &err);
        racer->rows = rows ? racer->rows + rows_count(rows) : -1;
        PQclear(rows);
    }
    return NULL;
}

static void nobody_waits_in_a_circle(void **state)
{
    struct uuid id;
    pthread_barrier_t start;
    struct racer racers[3];
    struct job job;
    PGresult *rows;
    struct row row;
    int64_t submission;

    (void)state;
    empty_queue();
    id = add_wish();
    job = admitted(id);
    rows = sql_rows(attempt_begin(&job, 1, NULL));
    row = rows_at(rows, 0);
    submission = row_int64(&row);
    PQclear(rows);
    PQclear(sql_rows(attempt_notified(submission, "circle", false, NULL, NULL)));
    pthread_barrier_init(&start, NULL, 3);
    racers[0].query = generation_seen(&job, true, -1);
    racers[1].query = generation_cancel(user, id);
    racers[2].query = attempt_notified(submission, "circle", true, NULL, NULL);
    for (int i = 0; i < 3; i++) {
        racers[i].pg = pg_open(getenv("DATABASE_URL"));
        racers[i].start = &start;
        racers[i].rows = 0;
        assert_int_equal(pthread_create(&racers[i].thread, NULL, write_often, &racers[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        assert_true(racers[i].rows >= 0);
        pg_close(racers[i].pg);
    }
    pthread_barrier_destroy(&start);
    assert_int_equal(racers[1].rows, ROUNDS);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_is_written_at_once),
        TEST(an_avatar_that_is_not_the_users_or_gone_makes_nothing),
        TEST(unfinished_ones_have_a_limit),
        TEST(a_key_creates_once_however_many_come_at_the_same_moment),
        TEST(a_refused_wish_leaves_its_key_free),
        TEST(pages_join_without_gap_or_repetition),
        TEST(a_new_one_does_not_move_what_stands_behind_a_place),
        TEST(only_its_owner_cancels),
        TEST(a_cancel_gives_the_turn_back),
        TEST(a_cancel_is_before_or_behind_the_sending_never_between),
        TEST(nobody_waits_in_a_circle),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
