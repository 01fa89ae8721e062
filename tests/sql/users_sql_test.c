/* The statements of users and tokens on a real database, and the commands that use them. */
#include "users/user_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "support/sql.h"
#include "users/web_session.h"

static const struct idempotency NO_KEY;

static struct uuid person(const char *name)
{
    struct user_new user = {.name = name};
    struct err err = {0};
    struct uuid id;

    if (!user_command_create(sql_pg(), &user, &id, &err))
        fail_msg("%s", err.detail);
    return id;
}

static struct user load(struct uuid id)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(user_by_id(id));

    assert_int_equal(rows_count(rows), 1);
    return user_from_row(rows_at(rows, 0));
}

static void keeps_what_a_change_leaves_out(void **state)
{
    struct uuid id = person("Анна 😀");
    struct user_change change = {.locale = "en", .time_zone = "Asia/Kathmandu"};
    struct user user = load(id);

    (void)state;
    assert_string_equal(user.name, "Анна 😀");
    assert_string_equal(user.locale, "ru");
    assert_string_equal(user.time_zone, "Europe/Moscow");
    assert_string_equal(user.default_preset, "balanced");
    assert_string_equal(user.theme, "auto");
    assert_string_equal(user.main_avatar.text, "");
    assert_false(user.is_admin);
    assert_int_equal(strlen(user.created_at) > 20 && strchr(user.created_at, 'Z'), 1);
    assert_int_equal(sql_count(user_update(id, &change)), 1);
    user = load(id);
    assert_string_equal(user.name, "Анна 😀");
    assert_string_equal(user.locale, "en");
    assert_string_equal(user.time_zone, "Asia/Kathmandu");
    change = (struct user_change){.name = "A", .default_preset = "quality", .theme = "dark"};
    assert_int_equal(sql_count(user_update(id, &change)), 1);
    user = load(id);
    assert_string_equal(user.name, "A");
    assert_string_equal(user.locale, "en");
    assert_string_equal(user.time_zone, "Asia/Kathmandu");
    assert_string_equal(user.default_preset, "quality");
    assert_string_equal(user.theme, "dark");
}

static void the_main_avatar_is_ones_own(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris");
    const char *avatar =
        sql_value("INSERT INTO avatars (id, user_id, name, gender, training_type, status, finetune_id, is_main)"
                  " VALUES (gen_random_uuid(), '%s', 'a', 'other', 'style', 'completed', 'f', true) RETURNING id",
                  boris.text);

    (void)state;
    assert_string_equal(load(boris).main_avatar.text, avatar);
    assert_string_equal(load(anna).main_avatar.text, "");
}

static void knows_the_zones_that_the_database_knows(void **state)
{
    static const char *const NO[] = {"Mars/Olympus", "europe/moscow", "", "MSK5", "localtime", "posix/UTC", "%"};

    (void)state;
    assert_int_equal(sql_count(user_time_zone("Europe/Moscow")), 1);
    assert_int_equal(sql_count(user_time_zone("UTC")), 1);
    for (size_t i = 0; i < sizeof NO / sizeof *NO; i++)
        assert_int_equal(sql_count(user_time_zone(NO[i])), 0);
}

static void makes_a_telegram_user_once(void **state)
{
    struct user_new user = {.id = uuid_make(), .telegram_id = 4242, .name = "T", .locale = "en"}, again = user;

    (void)state;
    again.id = uuid_make();
    assert_int_equal(sql_count(user_insert(&user)), 1);
    assert_int_equal(sql_count(user_insert(&again)), 0);
    assert_int_equal(sql_count(user_by_telegram(4242)), 1);
    assert_int_equal(sql_count(user_by_telegram(4243)), 0);
}

static struct token_new make_token(struct uuid user, const char *scopes)
{
    struct token_new token;
    struct err err = {0};

    if (!user_command_token(sql_pg(), user, "a token", scopes, &token, &err))
        fail_msg("%s", err.detail);
    return token;
}

static struct query by_secret(const char *secret)
{
    unsigned char sha256[SHA256_BYTES];

    crypto_sha256(text_of(secret), sha256);
    return token_by_sha256(sha256);
}

static void finds_a_token_by_its_hash_while_it_works(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris"), owner;
    struct token_new token = make_token(anna, "read, generate");
    CLEANUP(pg_clear) PGresult *rows = sql_rows(by_secret(token.secret));
    struct row row = rows_at(rows, 0);
    struct err err;

    (void)state;
    assert_int_equal(rows_count(rows), 1);
    assert_string_equal(row_uuid(&row).text, token.id.text);
    assert_int_equal(row_int64(&row), SCOPE_READ | SCOPE_GENERATE);
    assert_true(row_bool(&row)); /* it was never used */
    assert_string_equal(row_uuid(&row).text, anna.text);
    assert_true(user_command_token_owner(sql_pg(), token.secret, &owner, &err));
    assert_string_equal(owner.text, anna.text);

    assert_int_equal(sql_count(token_revoke(boris, token.id)), 0);
    assert_int_equal(sql_count(by_secret(token.secret)), 1);
    assert_int_equal(sql_count(token_revoke(anna, token.id)), 1);
    assert_int_equal(sql_count(token_revoke(anna, token.id)), 0);
    assert_int_equal(sql_count(by_secret(token.secret)), 0);
    assert_false(user_command_token_owner(sql_pg(), token.secret, &owner, &err));
    assert_int_equal(err.kind, ERR_NONE);
}

static void an_expired_token_is_none(void **state)
{
    struct uuid anna = person("Anna");
    struct token_new token = token_make(anna, "week", SCOPE_READ, 7);
    CLEANUP(pg_clear) PGresult *rows = sql_rows(token_insert(&token, &NO_KEY));
    struct token made = token_from_row(rows_at(rows, 0));

    (void)state;
    assert_string_not_equal(made.expires_at, "");
    assert_string_equal(made.last_used_at, "");
    assert_string_equal(sql_value("SELECT max(round(extract(epoch FROM expires_at - now()) / 86400)) FROM api_tokens"),
                        "7");
    assert_int_equal(sql_count(by_secret(token.secret)), 1);
    sql_do("UPDATE api_tokens SET expires_at = now() WHERE expires_at IS NOT NULL");
    assert_int_equal(sql_count(by_secret(token.secret)), 0);
}

static void notes_the_use_of_a_token_once_a_minute(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris");
    struct token_new token = make_token(anna, "read");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    sql_do("DELETE FROM api_tokens WHERE last_used_at IS NOT NULL");
    PQclear(sql_rows(token_touch(boris, token.id)));
    assert_string_equal(sql_value("SELECT count(last_used_at) FROM api_tokens"), "0");
    PQclear(sql_rows(token_touch(anna, token.id)));
    assert_string_equal(sql_value("SELECT count(last_used_at) FROM api_tokens"), "1");
    rows = sql_rows(by_secret(token.secret));
    row = rows_at(rows, 0);
    row_skip(&row);
    row_skip(&row);
    assert_false(row_bool(&row));
    sql_do("UPDATE api_tokens SET last_used_at = now() - interval '59 seconds' WHERE last_used_at IS NOT NULL");
    PQclear(sql_rows(token_touch(anna, token.id)));
    assert_string_equal(sql_value("SELECT max(last_used_at) < now() - interval '50 seconds' FROM api_tokens"), "t");
    sql_do("UPDATE api_tokens SET last_used_at = now() - interval '61 seconds' WHERE last_used_at IS NOT NULL");
    PQclear(sql_rows(token_touch(anna, token.id)));
    assert_string_equal(sql_value("SELECT max(last_used_at) > now() - interval '5 seconds' FROM api_tokens"), "t");
}

static void fifty_tokens_are_enough(void **state)
{
    struct uuid anna = person("Anna");
    struct token_new token;

    (void)state;
    for (int i = 0; i < TOKENS_PER_USER; i++)
        token = make_token(anna, "read");
    assert_int_equal(sql_count(token_revoke(anna, token.id)), 1); /* one that is gone does not count */
    (void)make_token(anna, "read");
    token = token_make(anna, "too many", SCOPE_READ, 0);
    assert_int_equal(sql_count(token_insert(&token, &NO_KEY)), 0);
    (void)sql_value("UPDATE api_tokens SET expires_at = now() WHERE id = (SELECT id FROM api_tokens"
                    " WHERE user_id = '%s' AND revoked_at IS NULL LIMIT 1) RETURNING id",
                    anna.text); /* neither does one that has expired */
    assert_int_equal(sql_count(token_insert(&token, &NO_KEY)), 1);
}

static void a_key_makes_one_token(void **state)
{
    struct uuid anna = person("Anna");
    struct token_new token = token_make(anna, "first", SCOPE_READ, 0), again = token_make(anna, "again", SCOPE_READ, 0);
    struct idempotency key = {.given = true, .key = "k"};
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct idempotency_kept kept;

    (void)state;
    assert_int_equal(sql_count(token_insert(&token, &key)), 1);
    assert_int_equal(sql_count(token_insert(&again, &key)), 0);
    rows = sql_rows(idempotency_find(anna, &key));
    assert_int_equal(idempotency_match(rows, &key, &kept), IDEMPOTENCY_REPLAY);
    assert_string_equal(kept.ref.text, token.id.text);
    assert_int_equal(sql_count(token_list_of_user(anna, (struct uuid){""}, 10)), 1);
}

static void a_page_lists_tokens_by_the_readers_clock(void **state)
{
    struct uuid anna = person("Anna");
    struct token_new token = token_make(anna, "week", SCOPE_READ | SCOPE_WRITE, 7);
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    assert_int_equal(sql_count(token_insert(&token, &NO_KEY)), 1);
    (void)make_token(person("Boris"), "read");
    (void)sql_value("UPDATE api_tokens SET created_at = '2026-01-15 18:30:00+00', expires_at = '2026-01-22 18:30:00+00'"
                    " WHERE user_id = '%s' RETURNING id",
                    anna.text);
    rows = sql_rows(token_list_for_page(anna, "Asia/Kathmandu", "YYYY-MM-DD HH24:MI"));
    assert_int_equal(rows_count(rows), 1);
    row = rows_at(rows, 0);
    assert_string_equal(row_text(&row), "2026-01-16 00:15");
    assert_null(row_text_or_null(&row));
    assert_string_equal(row_text(&row), "2026-01-23 00:15");
    (void)row_bool(&row);
    assert_string_equal(token_from_row(row).name, "week");
}

/* Ids are ordered by the millisecond of their making. */
static void wait_a_little(void) { (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); }

static void lists_tokens_newest_first_page_by_page(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris"), after = {""};
    struct token_new made[5];

    (void)state;
    for (int i = 0; i < 5; i++, wait_a_little())
        made[i] = make_token(anna, "read");
    (void)make_token(boris, "read");
    assert_int_equal(sql_count(token_revoke(anna, made[2].id)), 1);
    for (int i = 4; i >= 0; i -= i == 3 ? 2 : 1) {
        CLEANUP(pg_clear) PGresult *rows = sql_rows(token_list_of_user(anna, after, 1));
        assert_int_equal(rows_count(rows), 1);
        after = token_from_row(rows_at(rows, 0)).id;
        assert_string_equal(after.text, made[i].id.text);
    }
    assert_int_equal(sql_count(token_list_of_user(anna, after, 1)), 0);
}

static void offers_the_time_zones_of_places(void **state)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(user_time_zones());
    bool has_new_york = false;
    struct row row;

    (void)state;
    assert_true(rows_count(rows) > 300);
    for (int i = 0; i < rows_count(rows); i++) {
        row = rows_at(rows, i);
        if (strcmp(row_text(&row), "America") == 0 && strcmp(row_text(&row), "New York") == 0) {
            assert_string_equal(row_text(&row), "America/New_York");
            has_new_york = true;
        }
    }
    assert_true(has_new_york);
    row = rows_at(rows, rows_count(rows) - 1);
    assert_string_equal(row_text(&row), "");
    assert_string_equal(row_text(&row), "UTC");
}

static struct uuid make_session(struct uuid user, const char *secret, const char *seen)
{
    struct uuid id = uuid_make();

    (void)sql_value(
        "INSERT INTO sessions (id, user_id, sha256, created_at, last_seen_at, expires_at) VALUES ('%s', '%s',"
        " sha256('%s'), '2026-01-15 18:30:00+00', '%s', now() + interval '1 day') RETURNING id",
        id.text, user.text, secret, seen);
    return id;
}

static void ends_all_sessions_but_one(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris"), mine;
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    (void)make_session(anna, "one", "2026-01-15 19:00:00+00");
    mine = make_session(anna, "two", "2026-01-15 20:00:00+00");
    (void)make_session(boris, "three", "2026-01-15 20:00:00+00");
    rows = sql_rows(web_sessions_for_page(anna, "Europe/Moscow", "DD.MM.YYYY HH24:MI"));
    assert_int_equal(rows_count(rows), 2);
    row = rows_at(rows, 0);
    assert_string_equal(row_uuid(&row).text, mine.text);
    assert_string_equal(row_text(&row), "15.01.2026 21:30");
    assert_string_equal(row_text(&row), "15.01.2026 23:00");
    PQclear(sql_rows(web_session_delete_others(anna, mine)));
    assert_int_equal(sql_count(web_sessions_for_page(anna, "UTC", "HH24")), 1);
    assert_int_equal(sql_count(web_sessions_for_page(boris, "UTC", "HH24")), 1);
}

static void commands_say_what_is_wrong(void **state)
{
    struct uuid nobody = uuid_make(), id, anna = person("Anna");
    struct user_command_link link;
    struct token_new token;
    struct err err = {0};

    (void)state;
    assert_false(user_command_create(sql_pg(), &(struct user_new){.name = " "}, &id, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(user_command_create(sql_pg(), &(struct user_new){.name = "x", .locale = "de"}, &id, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(user_command_create(sql_pg(), &(struct user_new){.name = "x", .time_zone = "Mars"}, &id, &err));
    assert_string_equal(err.code, "unknown_time_zone");
    assert_false(user_command_token(sql_pg(), nobody, "x", "read", &token, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_false(user_command_token(sql_pg(), anna, "x", "read,root", &token, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(user_command_token(sql_pg(), anna, "", "read", &token, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(user_command_link(sql_pg(), nobody, "/", &link, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_false(user_command_link(sql_pg(), anna, "//evil.example", &link, &err));
    assert_string_equal(err.code, "not_a_path");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_a_change_leaves_out),
        cmocka_unit_test(the_main_avatar_is_ones_own),
        cmocka_unit_test(knows_the_zones_that_the_database_knows),
        cmocka_unit_test(makes_a_telegram_user_once),
        cmocka_unit_test(finds_a_token_by_its_hash_while_it_works),
        cmocka_unit_test(an_expired_token_is_none),
        cmocka_unit_test(notes_the_use_of_a_token_once_a_minute),
        cmocka_unit_test(fifty_tokens_are_enough),
        cmocka_unit_test(a_key_makes_one_token),
        cmocka_unit_test(a_page_lists_tokens_by_the_readers_clock),
        cmocka_unit_test(offers_the_time_zones_of_places),
        cmocka_unit_test(ends_all_sessions_but_one),
        cmocka_unit_test(lists_tokens_newest_first_page_by_page),
        cmocka_unit_test(commands_say_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
