/* The statements of users/ on a real database. */
#include "users/user_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "db/migrate.h"
#include "users/web_session.h"

static struct pg *pg;

static int connect_database(void **state)
{
    char folder[512];
    struct err err = {0};
    int count;

    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/migrations", getenv("AISHA_ROOT"));
    if (!migrate_run(getenv("DATABASE_URL"), folder, &count, &err)) {
        print_error("%s: %s\n", err.code, err.detail);
        return -1;
    }
    pg = pg_open(getenv("DATABASE_URL"));
    return 0;
}

static int leave_database(void **state)
{
    (void)state;
    pg_close(pg);
    return 0;
}

static PGresult *run(struct query q)
{
    struct err err = {0};
    PGresult *rows = pg_run(pg, &q, &err);

    if (!rows)
        fail_msg("%s: %s\n%s", err.code, err.detail, q.sql);
    return rows;
}

static int count(struct query q)
{
    CLEANUP(pg_clear) PGresult *rows = run(q);
    return rows_count(rows);
}

static void run_sql(const char *sql)
{
    struct err err = {0};

    if (!pg_script(pg, sql, &err))
        fail_msg("%s: %s", sql, err.detail);
}

/* One value of one row; "" for none. Lives until the next call. */
static const char *value(const char *sql)
{
    static char kept[256];
    CLEANUP(pg_clear) PGresult *rows = run(query_read(sql));
    struct row row = rows_at(rows, 0);

    (void)snprintf(kept, sizeof kept, "%s", rows_count(rows) ? row_text(&row) : "");
    return kept;
}

static struct uuid person(const char *name)
{
    struct user_new user = {.name = name};
    struct err err = {0};
    struct uuid id;

    if (!user_command_create(pg, &user, &id, &err))
        fail_msg("%s", err.detail);
    return id;
}

static struct user load(struct uuid id)
{
    CLEANUP(pg_clear) PGresult *rows = run(user_by_id(id));

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
    assert_string_equal(user.main_avatar.text, "");
    assert_false(user.is_admin);
    assert_int_equal(strlen(user.created_at) > 20 && strchr(user.created_at, 'Z'), 1);
    assert_int_equal(count(user_update(id, &change)), 1);
    user = load(id);
    assert_string_equal(user.name, "Анна 😀");
    assert_string_equal(user.locale, "en");
    assert_string_equal(user.time_zone, "Asia/Kathmandu");
}

static void knows_the_zones_that_the_database_knows(void **state)
{
    static const char *const NO[] = {"Mars/Olympus", "europe/moscow", "", "MSK5", "localtime", "posix/UTC", "%"};

    (void)state;
    assert_int_equal(count(user_time_zone("Europe/Moscow")), 1);
    assert_int_equal(count(user_time_zone("UTC")), 1);
    for (size_t i = 0; i < sizeof NO / sizeof *NO; i++)
        assert_int_equal(count(user_time_zone(NO[i])), 0);
}

static void makes_a_telegram_user_once(void **state)
{
    struct user_new user = {.id = uuid_make(), .telegram_id = 4242, .name = "T", .locale = "en"}, again = user;

    (void)state;
    again.id = uuid_make();
    assert_int_equal(count(user_insert(&user)), 1);
    assert_int_equal(count(user_insert(&again)), 0);
    assert_int_equal(count(user_by_telegram(4242)), 1);
    assert_int_equal(count(user_by_telegram(4243)), 0);
}

static struct token_new make_token(struct uuid user, const char *scopes)
{
    struct token_new token;
    struct err err = {0};

    if (!user_command_token(pg, user, "a token", scopes, &token, &err))
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
    CLEANUP(pg_clear) PGresult *rows = run(by_secret(token.secret));
    struct row row = rows_at(rows, 0);
    struct err err;

    (void)state;
    assert_int_equal(rows_count(rows), 1);
    assert_string_equal(row_uuid(&row).text, token.id.text);
    assert_int_equal(row_int64(&row), SCOPE_READ | SCOPE_GENERATE);
    assert_true(row_bool(&row)); /* it was never used */
    assert_string_equal(row_uuid(&row).text, anna.text);
    assert_true(user_command_token_owner(pg, token.secret, &owner, &err));
    assert_string_equal(owner.text, anna.text);

    assert_int_equal(count(token_revoke(boris, token.id)), 0);
    assert_int_equal(count(by_secret(token.secret)), 1);
    assert_int_equal(count(token_revoke(anna, token.id)), 1);
    assert_int_equal(count(token_revoke(anna, token.id)), 0);
    assert_int_equal(count(by_secret(token.secret)), 0);
    assert_false(user_command_token_owner(pg, token.secret, &owner, &err));
    assert_int_equal(err.kind, ERR_NONE);
}

static void an_expired_token_is_none(void **state)
{
    struct uuid anna = person("Anna");
    struct token_new token = token_make(anna, "week", SCOPE_READ, 7);
    CLEANUP(pg_clear) PGresult *rows = run(token_insert(&token));
    struct token made = token_from_row(rows_at(rows, 0));

    (void)state;
    assert_string_not_equal(made.expires_at, "");
    assert_string_equal(made.last_used_at, "");
    assert_string_equal(value("SELECT max(round(extract(epoch FROM expires_at - now()) / 86400)) FROM api_tokens"),
                        "7");
    assert_int_equal(count(by_secret(token.secret)), 1);
    run_sql("UPDATE api_tokens SET expires_at = now() WHERE expires_at IS NOT NULL");
    assert_int_equal(count(by_secret(token.secret)), 0);
}

static void notes_the_use_of_a_token_once_a_minute(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris");
    struct token_new token = make_token(anna, "read");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    run_sql("DELETE FROM api_tokens WHERE last_used_at IS NOT NULL");
    PQclear(run(token_touch(boris, token.id)));
    assert_string_equal(value("SELECT count(last_used_at) FROM api_tokens"), "0");
    PQclear(run(token_touch(anna, token.id)));
    assert_string_equal(value("SELECT count(last_used_at) FROM api_tokens"), "1");
    rows = run(by_secret(token.secret));
    row = rows_at(rows, 0);
    row_skip(&row);
    row_skip(&row);
    assert_false(row_bool(&row));
    run_sql("UPDATE api_tokens SET last_used_at = now() - interval '59 seconds' WHERE last_used_at IS NOT NULL");
    PQclear(run(token_touch(anna, token.id)));
    assert_string_equal(value("SELECT max(last_used_at) < now() - interval '50 seconds' FROM api_tokens"), "t");
    run_sql("UPDATE api_tokens SET last_used_at = now() - interval '61 seconds' WHERE last_used_at IS NOT NULL");
    PQclear(run(token_touch(anna, token.id)));
    assert_string_equal(value("SELECT max(last_used_at) > now() - interval '5 seconds' FROM api_tokens"), "t");
}

static void fifty_tokens_are_enough(void **state)
{
    struct uuid anna = person("Anna");
    struct token_new token;

    (void)state;
    for (int i = 0; i < TOKENS_PER_USER; i++)
        token = make_token(anna, "read");
    assert_int_equal(count(token_revoke(anna, token.id)), 1); /* one that is gone does not count */
    (void)make_token(anna, "read");
    token = token_make(anna, "too many", SCOPE_READ, 0);
    assert_int_equal(count(token_insert(&token)), 0);
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
    assert_int_equal(count(token_revoke(anna, made[2].id)), 1);
    for (int i = 4; i >= 0; i -= i == 3 ? 2 : 1) {
        CLEANUP(pg_clear) PGresult *rows = run(token_list_of_user(anna, after, 1));
        assert_int_equal(rows_count(rows), 1);
        after = token_from_row(rows_at(rows, 0)).id;
        assert_string_equal(after.text, made[i].id.text);
    }
    assert_int_equal(count(token_list_of_user(anna, after, 1)), 0);
}

static struct user_command_link make_link(struct uuid user, const char *next)
{
    struct user_command_link link;
    struct err err = {0};

    if (!user_command_link(pg, user, next, &link, &err))
        fail_msg("%s", err.detail);
    return link;
}

static struct query session_of(const char *secret)
{
    unsigned char sha256[SHA256_BYTES];

    crypto_sha256(text_of(secret), sha256);
    return web_session_by_sha256(sha256);
}

static void a_link_makes_one_session(void **state)
{
    struct user_command_link link = make_link(person("Anna"), "/docs?x=1");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    assert_int_equal(count(login_link_by_secret(text_of(link.link.secret))), 1);
    assert_int_equal(count(login_link_by_secret(TEXT("another"))), 0);
    rows = run(login_link_use(text_of(link.link.secret), "secret of the session", TEXT("")));
    assert_int_equal(rows_count(rows), 1);
    row = rows_at(rows, 0);
    assert_string_equal(row_text(&row), "/docs?x=1");
    assert_int_equal(count(session_of("secret of the session")), 1);
    assert_int_equal(count(login_link_by_secret(text_of(link.link.secret))), 0);
    assert_int_equal(count(login_link_use(text_of(link.link.secret), "second", TEXT(""))), 0);
    assert_int_equal(count(session_of("second")), 0);
}

static void only_the_newest_link_works_and_only_for_minutes(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris");
    struct user_command_link first = make_link(anna, "/"), other = make_link(boris, "/"), second = make_link(anna, "/");

    (void)state;
    assert_int_equal(count(login_link_use(text_of(first.link.secret), "s1", TEXT(""))), 0);
    assert_int_equal(count(login_link_by_secret(text_of(second.link.secret))), 1);
    assert_int_equal(count(login_link_by_secret(text_of(other.link.secret))), 1);
    assert_string_equal(value("SELECT max(round(extract(epoch FROM expires_at - now()) / 60)) FROM login_links"), "10");
    run_sql("UPDATE login_links SET expires_at = now()");
    assert_int_equal(count(login_link_by_secret(text_of(second.link.secret))), 0);
    assert_int_equal(count(login_link_use(text_of(second.link.secret), "s2", TEXT(""))), 0);
}

/* Made at the same moment, neither statement sees the other's row; the newer one counts. */
static void of_two_links_made_at_once_one_works(void **state)
{
    struct uuid anna = person("Anna");
    struct user_command_link link = make_link(anna, "/");

    (void)state;
    run_sql("INSERT INTO login_links (id, user_id, sha256, expires_at) SELECT 'ffffffff-0000-7000-8000-000000000000',"
            " user_id, sha256('x'), expires_at FROM login_links WHERE used_at IS NULL ORDER BY id DESC LIMIT 1");
    assert_int_equal(count(login_link_by_secret(text_of(link.link.secret))), 0);
    assert_int_equal(count(login_link_by_secret(TEXT("x"))), 1);
    run_sql("DELETE FROM login_links");
}

static void signing_in_ends_the_session_before_and_those_beyond_the_limit(void **state)
{
    struct uuid anna = person("Anna");
    char secret[32], all[200];

    (void)state;
    for (int i = 0; i < WEB_SESSIONS_PER_USER + 3; i++) {
        struct user_command_link link = make_link(anna, "/");
        (void)snprintf(secret, sizeof secret, "session %d", i);
        assert_int_equal(count(login_link_use(text_of(link.link.secret), secret, TEXT(""))), 1);
    }
    assert_int_equal(count(session_of("session 2")), 0);
    assert_int_equal(count(session_of("session 3")), 1);
    (void)snprintf(all, sizeof all, "SELECT count(*) FROM sessions WHERE user_id = '%s'", anna.text);
    assert_string_equal(value(all), "20");
    {
        struct user_command_link link = make_link(anna, "/");
        assert_int_equal(count(login_link_use(text_of(link.link.secret), "again", text_of(secret))), 1);
    }
    assert_int_equal(count(session_of(secret)), 0);
    assert_int_equal(count(session_of("again")), 1);
}

static void a_session_slides_at_most_once_an_hour_and_ends(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris"), id;
    struct user_command_link link = make_link(anna, "/");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    run_sql("DELETE FROM sessions");
    PQclear(run(login_link_use(text_of(link.link.secret), "s", TEXT(""))));
    rows = run(session_of("s"));
    row = rows_at(rows, 0);
    id = row_uuid(&row);
    assert_false(row_bool(&row));
    run_sql("UPDATE sessions SET last_seen_at = now() - interval '59 minutes', expires_at = now() + interval '1 day'");
    PQclear(run(web_session_touch(anna, id)));
    assert_string_equal(value("SELECT expires_at < now() + interval '2 days' FROM sessions"), "t");
    run_sql("UPDATE sessions SET last_seen_at = now() - interval '61 minutes'");
    PQclear(run(web_session_touch(boris, id)));
    assert_string_equal(value("SELECT expires_at < now() + interval '2 days' FROM sessions"), "t");
    PQclear(run(web_session_touch(anna, id)));
    assert_string_equal(value("SELECT expires_at > now() + interval '29 days' FROM sessions"), "t");
    run_sql("UPDATE sessions SET expires_at = now()");
    assert_int_equal(count(session_of("s")), 0);
}

static void only_its_user_ends_a_session(void **state)
{
    struct uuid anna = person("Anna"), boris = person("Boris"), id;
    struct user_command_link link = make_link(anna, "/");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    PQclear(run(login_link_use(text_of(link.link.secret), "to end", TEXT(""))));
    rows = run(session_of("to end"));
    row = rows_at(rows, 0);
    id = row_uuid(&row);
    PQclear(run(web_session_delete(boris, id)));
    assert_int_equal(count(session_of("to end")), 1);
    PQclear(run(web_session_delete(anna, id)));
    assert_int_equal(count(session_of("to end")), 0);
}

static void commands_say_what_is_wrong(void **state)
{
    struct uuid nobody = uuid_make(), id, anna = person("Anna");
    struct user_command_link link;
    struct token_new token;
    struct err err = {0};

    (void)state;
    assert_false(user_command_create(pg, &(struct user_new){.name = " "}, &id, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(user_command_create(pg, &(struct user_new){.name = "x", .locale = "de"}, &id, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(user_command_create(pg, &(struct user_new){.name = "x", .time_zone = "Mars"}, &id, &err));
    assert_string_equal(err.code, "unknown_time_zone");
    assert_false(user_command_token(pg, nobody, "x", "read", &token, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_false(user_command_token(pg, anna, "x", "read,root", &token, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(user_command_token(pg, anna, "", "read", &token, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(user_command_link(pg, nobody, "/", &link, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_false(user_command_link(pg, anna, "//evil.example", &link, &err));
    assert_string_equal(err.code, "not_a_path");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_a_change_leaves_out),
        cmocka_unit_test(knows_the_zones_that_the_database_knows),
        cmocka_unit_test(makes_a_telegram_user_once),
        cmocka_unit_test(finds_a_token_by_its_hash_while_it_works),
        cmocka_unit_test(an_expired_token_is_none),
        cmocka_unit_test(notes_the_use_of_a_token_once_a_minute),
        cmocka_unit_test(fifty_tokens_are_enough),
        cmocka_unit_test(lists_tokens_newest_first_page_by_page),
        cmocka_unit_test(a_link_makes_one_session),
        cmocka_unit_test(only_the_newest_link_works_and_only_for_minutes),
        cmocka_unit_test(of_two_links_made_at_once_one_works),
        cmocka_unit_test(signing_in_ends_the_session_before_and_those_beyond_the_limit),
        cmocka_unit_test(a_session_slides_at_most_once_an_hour_and_ends),
        cmocka_unit_test(only_its_user_ends_a_session),
        cmocka_unit_test(commands_say_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, connect_database, leave_database);
}
