/* Statements of avatars that run at the same moment, on a real database: what must hold for all avatars of a user holds
   whoever comes first, and nobody is refused for having met somebody. */
#include "avatars/avatar_change.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "avatars/avatar_create.h"
#include "avatars/avatar_import.h"
#include "support/sql.h"

static const struct avatar_import STYLE = {
    .name = "Ink", .gender = "other", .training_type = "style", .trigger_word = "INK", .finetune_id = "ink-1"};
static const struct idempotency NO_KEY;

static const char *main_of(struct uuid user)
{
    return sql_value("SELECT string_agg(id::text, ',') FROM avatars WHERE user_id = '%s' AND is_main", user.text);
}

static struct uuid imported(struct uuid user)
{
    struct uuid id = uuid_make();

    assert_int_equal(sql_count(avatar_import_insert(user, id, &STYLE, &NO_KEY, 100)), 1);
    return id;
}

enum { RIVALS = 8, ROUNDS = 25 };

struct rival {
    pthread_barrier_t *start;
    int index;
    struct uuid user;
    struct uuid avatars[RIVALS];
    struct query (*make)(const struct rival *rival);
    int done, failed; /* statements that gave a row, that failed */
};

static void *run_rival(void *argument)
{
    struct rival *rival = argument;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct query first = query_read("SELECT 1");
    struct err err;

    (void)pg_do(pg, &first, &err); /* connected before the race */
    pthread_barrier_wait(rival->start);
    {
        struct query q = rival->make(rival);
        CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, &err);
        rival->failed += !rows;
        rival->done += rows && rows_count(rows);
        if (!rows)
            print_error("%s: %s\n", err.code, err.detail);
    }
    pg_close(pg);
    return NULL;
}

/* How many of them did it; none may fail. */
static int race(struct rival rivals[RIVALS])
{
    pthread_barrier_t start;
    pthread_t threads[RIVALS];
    int done = 0;

    pthread_barrier_init(&start, NULL, RIVALS);
    for (int i = 0; i < RIVALS; i++) {
        rivals[i].start = &start;
        rivals[i].index = i;
        assert_int_equal(pthread_create(&threads[i], NULL, run_rival, &rivals[i]), 0);
    }
    for (int i = 0; i < RIVALS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(rivals[i].failed, 0);
        done += rivals[i].done;
    }
    pthread_barrier_destroy(&start);
    return done;
}

static struct query import_one(const struct rival *rival)
{
    return avatar_import_insert(rival->user, uuid_make(), &STYLE, &NO_KEY, 5);
}

static void imports_at_once_keep_the_limit_and_make_one_main(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct uuid user = sql_user("rival");
        struct rival rivals[RIVALS] = {{0}};
        for (int i = 0; i < RIVALS; i++)
            rivals[i] = (struct rival){.user = user, .make = import_one};
        assert_int_equal(race(rivals), 5);
        assert_int_equal(strlen(main_of(user)), 36);
    }
}

static struct query import_with_key(const struct rival *rival)
{
    static const struct idempotency KEY = {.given = true, .key = "rivals"};

    return avatar_import_insert(rival->user, uuid_make(), &STYLE, &KEY, 5);
}

static void one_key_at_once_makes_one(void **state)
{
    struct uuid user = sql_user("rival keys");
    struct rival rivals[RIVALS] = {{0}};

    (void)state;
    for (int i = 0; i < RIVALS; i++)
        rivals[i] = (struct rival){.user = user, .make = import_with_key};
    assert_int_equal(race(rivals), 1);
}

static struct query make_own_main(const struct rival *rival)
{
    static const struct avatar_change CHANGE = {.has_is_main = true, .is_main = true};

    return avatar_change_update(rival->user, rival->avatars[rival->index], &CHANGE);
}

static struct query delete_or_import(const struct rival *rival)
{
    if (rival->index % 2)
        return avatar_import_insert(rival->user, uuid_make(), &STYLE, &NO_KEY, 100);
    return avatar_change_delete(rival->user, rival->avatars[rival->index]);
}

static struct query delete_or_make_main(const struct rival *rival)
{
    return rival->index % 2 ? make_own_main(rival) : avatar_change_delete(rival->user, rival->avatars[rival->index]);
}

static void with_avatars(struct rival rivals[RIVALS], struct query (*make)(const struct rival *))
{
    struct rival first = {.user = sql_user("rival mains"), .make = make};

    for (int i = 0; i < RIVALS; i++)
        first.avatars[i] = imported(first.user);
    for (int i = 0; i < RIVALS; i++)
        rivals[i] = first;
}

static void switching_at_once_leaves_one_main(void **state)
{
    struct rival rivals[RIVALS];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        with_avatars(rivals, make_own_main);
        assert_int_equal(race(rivals), RIVALS);
        assert_int_equal(strlen(main_of(rivals[0].user)), 36);
        with_avatars(rivals, delete_or_make_main);
        assert_int_equal(race(rivals), RIVALS);
        assert_int_equal(strlen(main_of(rivals[0].user)), 36);
    }
}

static void deleting_all_while_importing_leaves_one_main(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct rival rivals[RIVALS];
        with_avatars(rivals, delete_or_import);
        for (int i = 1; i < RIVALS; i += 2) /* only those that will be deleted are there */
            PQclear(sql_rows(avatar_change_delete(rivals[0].user, rivals[0].avatars[i])));
        assert_int_equal(race(rivals), RIVALS);
        assert_int_equal(strlen(main_of(rivals[0].user)), 36);
    }
}

/* In one transaction with strangers' statements they would wait for each other in a circle: all of them lock the row
   of the user or of the account. */
static void no_change_of_avatars_shares_a_transaction(void **state)
{
    const struct avatar_change name = {.has_name = true, .name = "Other"},
                               main = {.has_is_main = true, .is_main = true};
    const struct avatar_create create = {.name = "New", .gender = "other", .training_type = "style"};
    struct uuid user = uuid_make(), avatar = uuid_make();

    (void)state;
    assert_true(avatar_change_update(user, avatar, &name).alone);
    assert_true(avatar_change_update(user, avatar, &main).alone);
    assert_true(avatar_change_delete(user, avatar).alone);
    assert_true(avatar_import_insert(user, avatar, &STYLE, &NO_KEY, 5).alone);
    assert_true(avatar_create_insert(user, avatar, &create, &NO_KEY, 5).alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_at_once_keep_the_limit_and_make_one_main),
        cmocka_unit_test(one_key_at_once_makes_one),
        cmocka_unit_test(switching_at_once_leaves_one_main),
        cmocka_unit_test(deleting_all_while_importing_leaves_one_main),
        cmocka_unit_test(no_change_of_avatars_shares_a_transaction),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
