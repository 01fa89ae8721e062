/* Versions, on a real database: every change of what a user's caches hold raises the user's number, nothing else does,
   and those who change things at the same time neither wait in a circle nor count twice as once. */
#include "generations/attempt.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "avatars/avatar_change.h"
#include "gallery/image.h"
#include "generations/generation.h"
#include "support/attempt_scene.h"
#include "support/sql.h"
#include "support/sql_wish.h"
#include "users/token.h"
#include "users/user.h"
#include "users/web_session.h"

static int64_t history_of(struct uuid user)
{
    return strtoll(sql_value("SELECT history FROM accounts WHERE user_id = '%s'", user.text), NULL, 10);
}

static int64_t taste_of(struct uuid user)
{
    return strtoll(sql_value("SELECT taste FROM users WHERE id = '%s'", user.text), NULL, 10);
}

static void add_image(struct uuid user, struct uuid avatar, struct uuid generation, struct uuid id, int position)
{
    char script[1000];

    (void)snprintf(
        script, sizeof script,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
        " VALUES ('%s', '%s', '%s', %d, '%s', 'k', 'image/png', 8, 8, 8, '\\x00', '\\x00', 'p', 'fast', 'e',"
        " 1, false)",
        id.text, user.text, generation.text, position, avatar.text);
    sql_do(script);
}

/* Every arrow of a generation's life */

static void every_move_of_a_generation_raises(void **state)
{
    static const struct {
        const char *scene;
        struct query (*statement)(void);
    } MOVES[] = {
        {"pending/none", scene_begin},           {"submitting/sending", scene_reject},
        {"queued/accepted", scene_see_queued},   {"queued/accepted", scene_see_running},
        {"running/accepted", scene_make},        {"running/accepted", scene_fail_it},
        {"running/accepted", scene_end_it},      {"running/accepted", scene_ask_cancel},
        {"pending/none", scene_ask_cancel},      {"running/accepted", scene_hear_result},
        {"failed/abandoned", scene_hear_result},
    };
    struct uuid other = sql_user("Nobody");
    int64_t before;

    (void)state;
    for (size_t i = 0; i < sizeof MOVES / sizeof *MOVES; i++) {
        scene_play(MOVES[i].scene);
        before = history_of(scene.user);
        (void)sql_count(MOVES[i].statement());
        if (history_of(scene.user) <= before)
            fail_msg("the move %zu, from %s, raises nothing", i, MOVES[i].scene);
    }
    assert_int_equal(history_of(other), 1);
}

static void a_wish_raises(void **state)
{
    struct uuid user = sql_user("Anna"), avatar = sql_avatar(user);
    struct generation_new wish = sql_wish(user, avatar, NULL);
    int64_t before = history_of(user);

    (void)state;
    assert_int_equal(sql_count(generation_insert(&wish)), 1);
    assert_true(history_of(user) > before);
}

static void what_changes_pictures_raises_their_owners_version_alone(void **state)
{
    struct uuid user = sql_user("Anna"), other = sql_user("Boris"), avatar = sql_avatar(user), id = uuid_make();
    struct generation_new wish = sql_wish(user, avatar, NULL);
    const struct image_change favorite = {.is_favorite = &(const bool){true}},
                              name = {.renames = true, .custom_name = "x"};
    struct query changes[] = {image_update(user, id, &favorite), image_update(user, id, &name), image_delete(user, id),
                              image_restore(user, id)};
    int64_t before, others = history_of(other);

    (void)state;
    assert_int_equal(sql_count(generation_insert(&wish)), 1);
    before = history_of(user);
    add_image(user, avatar, wish.id, id, 0);
    assert_true(history_of(user) > before);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        before = history_of(user);
        assert_true(changes[i].alone);
        assert_int_equal(sql_count(changes[i]), 1);
        assert_true(history_of(user) > before);
    }
    before = history_of(user);
    assert_int_equal(sql_count(image_update(other, id, &name)), 0);
    assert_int_equal(history_of(user), before);
    assert_int_equal(history_of(other), others);
    sql_do("DELETE FROM images");
    assert_true(history_of(user) > before);
    before = history_of(user);
    sql_do("DELETE FROM generations");
    assert_true(history_of(user) > before);
}

/* By hand, or by a statement that nobody has thought of: it is the schema that raises. */
static void a_change_of_any_column_of_one_that_has_ended_raises(void **state)
{
    static const char *const CHANGES[] = {"seed = 77", "started_at = now() - interval '1 hour'",
                                          "parameters = '{\"a\":2}'", "template_id = 'noir'", "prompt = 'another'"};
    char script[200];
    int64_t before;

    (void)state;
    scene_play("failed/abandoned");
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        before = history_of(scene.user);
        (void)snprintf(script, sizeof script, "UPDATE generations SET %s WHERE id = '%s'", CHANGES[i],
                       scene.generation.text);
        sql_do(script);
        if (history_of(scene.user) <= before)
            fail_msg("%s raises nothing", CHANGES[i]);
        before = history_of(scene.user);
        sql_do(script); /* changes nothing */
        assert_true(history_of(scene.user) == before || strstr(CHANGES[i], "now()"));
    }
}

static void names_and_ends_of_avatars_raise(void **state)
{
    struct uuid user = sql_user("Anna"), avatar = sql_avatar(user);
    char script[200];
    int64_t before = history_of(user);

    (void)state;
    (void)snprintf(script, sizeof script, "UPDATE avatars SET training_progress = 50 WHERE id = '%s'", avatar.text);
    sql_do(script);
    assert_int_equal(history_of(user), before);
    (void)snprintf(script, sizeof script, "UPDATE avatars SET name = 'Other' WHERE id = '%s'", avatar.text);
    sql_do(script);
    assert_true(history_of(user) > before);
    before = history_of(user);
    assert_true(sql_count(avatar_change_delete(user, avatar)) > 0);
    assert_true(history_of(user) > before);
}

static void thousands_of_pictures_in_one_statement_raise_once(void **state)
{
    struct uuid user = sql_user("Anna"), avatar = sql_avatar(user);
    struct generation_new wish = sql_wish(user, avatar, NULL);
    char script[1000];
    int64_t before;

    (void)state;
    assert_int_equal(sql_count(generation_insert(&wish)), 1);
    before = history_of(user);
    (void)snprintf(
        script, sizeof script,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
        " SELECT gen_random_uuid(), '%s', '%s', n, '%s', 'k', 'image/png', 8, 8, 8, '\\x00', '\\x00', 'p',"
        " 'fast', 'e', 1, false FROM generate_series(1, 5000) n",
        user.text, wish.id.text, avatar.text);
    sql_do(script);
    assert_int_equal(history_of(user), before + 1);
    (void)snprintf(script, sizeof script, "DELETE FROM images WHERE user_id = '%s'", user.text);
    sql_do(script);
    assert_int_equal(history_of(user), before + 2);
}

static void taste_is_raised_by_its_function(void **state)
{
    struct uuid user = sql_user("Anna");
    int64_t before = taste_of(user), history = history_of(user);

    (void)state;
    (void)sql_value("SELECT taste_changed('%s')", user.text);
    assert_int_equal(taste_of(user), before + 1);
    assert_int_equal(history_of(user), history);
}

/* The versions come with who asks, whichever way that is found out. */
static void who_asks_brings_the_versions(void **state)
{
    struct uuid user = sql_user("Anna"), none = sql_user_without_account("Boris");
    struct token_new token = token_make(user, "t", 1, 0), theirs = token_make(none, "t", 1, 0);
    const struct idempotency no_key = {0};
    unsigned char sha256[SHA256_BYTES];
    PGresult *rows;

    (void)state;
    assert_int_equal(sql_count(token_insert(&token, &no_key)), 1);
    assert_int_equal(sql_count(token_insert(&theirs, &no_key)), 1);
    (void)sql_value("SELECT history_raise(ARRAY['%s']::uuid[])", user.text);
    crypto_sha256(text_of(token.secret), sha256);
    rows = sql_rows(token_by_sha256(sha256));
    assert_string_equal(PQgetvalue(rows, 0, 9), "2");
    assert_string_equal(PQgetvalue(rows, 0, 10), "1");
    PQclear(rows);
    crypto_sha256(text_of(theirs.secret), sha256);
    rows = sql_rows(token_by_sha256(sha256));
    assert_true(PQgetisnull(rows, 0, 9)); /* read as 0: nothing is kept */
    PQclear(rows);
}

/* Many at once */

enum { WRITERS = 8, ROUNDS = 40, OWN = 5 };

struct writer {
    pthread_barrier_t *start;
    int index;
    struct uuid users[2], avatars[2];
    struct uuid images[2][OWN];
    int failed, wrote[2];
};

static bool run_one(struct pg *pg, struct query q)
{
    struct err err;
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, &err);

    if (!rows)
        print_error("%s: %s\n", err.code, err.detail);
    return rows != NULL;
}

/* What users, workers and sweeps do to the same two accounts, in any order. */
static bool write_something(struct writer *w, struct pg *pg, int what, int who)
{
    const struct image_change name = {.renames = true, .custom_name = "x"};
    struct generation_new wish = sql_wish(w->users[who], w->avatars[who], NULL);
    struct uuid image = w->images[who][what % OWN];

    switch (what % 6) {
    case 0: return run_one(pg, image_update(w->users[who], image, &name));
    case 1: return run_one(pg, image_delete(w->users[who], image));
    case 2: return run_one(pg, image_restore(w->users[who], image));
    case 3: return run_one(pg, generation_insert(&wish));
    case 4: return run_one(pg, generation_insert(&wish)) && run_one(pg, generation_cancel(w->users[who], wish.id));
    /* A sweep's statement: pictures of both users, locked in whatever order they lie in. */
    default:
        return run_one(pg, query_write("UPDATE images SET custom_name = custom_name || 'y'"
                                       " WHERE id = (SELECT id FROM images ORDER BY random() LIMIT 1)"));
    }
}

static void *run_writer(void *argument)
{
    struct writer *w = argument;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    unsigned seed = (unsigned)w->index * 7919 + 1;
    int what, who;

    (void)run_one(pg, query_read("SELECT 1"));
    pthread_barrier_wait(w->start);
    for (int i = 0; i < ROUNDS; i++) {
        seed = seed * 1103515245 + 12345;
        what = (int)(seed >> 16) & 0x7fff;
        who = what & 1;
        w->failed += !write_something(w, pg, what / 2, who);
    }
    pg_close(pg);
    return NULL;
}

static void those_who_write_at_the_same_time_do_not_wait_in_a_circle(void **state)
{
    struct uuid users[2] = {sql_user("Anna"), sql_user("Boris")}, avatars[2];
    struct writer writers[WRITERS] = {0};
    pthread_t threads[WRITERS];
    pthread_barrier_t start;
    struct generation_new wish;
    int failed = 0;

    (void)state;
    for (int u = 0; u < 2; u++) {
        avatars[u] = sql_avatar(users[u]);
        wish = sql_wish(users[u], avatars[u], NULL);
        assert_int_equal(sql_count(generation_insert(&wish)), 1);
        for (int i = 0; i < OWN; i++) {
            writers[0].images[u][i] = uuid_make();
            add_image(users[u], avatars[u], wish.id, writers[0].images[u][i], i);
        }
    }
    pthread_barrier_init(&start, NULL, WRITERS);
    for (int i = 0; i < WRITERS; i++) {
        memcpy(writers[i].images, writers[0].images, sizeof writers[0].images);
        memcpy(writers[i].users, users, sizeof users);
        memcpy(writers[i].avatars, avatars, sizeof avatars);
        writers[i].start = &start;
        writers[i].index = i;
        assert_int_equal(pthread_create(&threads[i], NULL, run_writer, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        failed += writers[i].failed;
    }
    pthread_barrier_destroy(&start);
    assert_int_equal(failed, 0);
    assert_string_equal(sql_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_move_of_a_generation_raises),
        cmocka_unit_test(a_change_of_any_column_of_one_that_has_ended_raises),
        cmocka_unit_test(a_wish_raises),
        cmocka_unit_test(what_changes_pictures_raises_their_owners_version_alone),
        cmocka_unit_test(names_and_ends_of_avatars_raise),
        cmocka_unit_test(thousands_of_pictures_in_one_statement_raise_once),
        cmocka_unit_test(taste_is_raised_by_its_function),
        cmocka_unit_test(who_asks_brings_the_versions),
        cmocka_unit_test(those_who_write_at_the_same_time_do_not_wait_in_a_circle),
    };

    return cmocka_run_group_tests(tests, scene_open, sql_close);
}
