/* The statements of sign-in links and sessions on a real database. */
#include "users/login_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "support/sql.h"
#include "users/user_command.h"
#include "users/web_session.h"

static struct user_command_link make_link(struct uuid user, const char *next)
{
    struct user_command_link link;
    struct err err = {0};

    if (!user_command_link(sql_pg(), user, next, &link, &err))
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
    struct user_command_link link = make_link(sql_user("Anna"), "/docs?x=1");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    assert_int_equal(sql_count(login_link_by_secret(text_of(link.link.secret))), 1);
    assert_int_equal(sql_count(login_link_by_secret(TEXT("another"))), 0);
    rows = sql_rows(login_link_use(text_of(link.link.secret), "secret of the session", TEXT("")));
    assert_int_equal(rows_count(rows), 1);
    row = rows_at(rows, 0);
    assert_string_equal(row_text(&row), "/docs?x=1");
    assert_int_equal(sql_count(session_of("secret of the session")), 1);
    assert_int_equal(sql_count(login_link_by_secret(text_of(link.link.secret))), 0);
    assert_int_equal(sql_count(login_link_use(text_of(link.link.secret), "second", TEXT(""))), 0);
    assert_int_equal(sql_count(session_of("second")), 0);
}

static void only_the_newest_link_works_and_only_for_minutes(void **state)
{
    struct uuid anna = sql_user("Anna"), boris = sql_user("Boris");
    struct user_command_link first = make_link(anna, "/"), other = make_link(boris, "/"), second = make_link(anna, "/");

    (void)state;
    assert_int_equal(sql_count(login_link_use(text_of(first.link.secret), "s1", TEXT(""))), 0);
    assert_int_equal(sql_count(login_link_by_secret(text_of(second.link.secret))), 1);
    assert_int_equal(sql_count(login_link_by_secret(text_of(other.link.secret))), 1);
    assert_string_equal(sql_value("SELECT max(round(extract(epoch FROM expires_at - now()) / 60)) FROM login_links"),
                        "10");
    sql_do("UPDATE login_links SET expires_at = now()");
    assert_int_equal(sql_count(login_link_by_secret(text_of(second.link.secret))), 0);
    assert_int_equal(sql_count(login_link_use(text_of(second.link.secret), "s2", TEXT(""))), 0);
}

/* Made at the same moment, neither statement sees the other's row; the newer one counts. */
static void of_two_links_made_at_once_one_works(void **state)
{
    struct uuid anna = sql_user("Anna");
    struct user_command_link link = make_link(anna, "/");

    (void)state;
    sql_do("INSERT INTO login_links (id, user_id, sha256, expires_at) SELECT 'ffffffff-0000-7000-8000-000000000000',"
           " user_id, sha256('x'), expires_at FROM login_links WHERE used_at IS NULL ORDER BY id DESC LIMIT 1");
    assert_int_equal(sql_count(login_link_by_secret(text_of(link.link.secret))), 0);
    assert_int_equal(sql_count(login_link_by_secret(TEXT("x"))), 1);
    sql_do("DELETE FROM login_links");
}

static void signing_in_ends_the_session_before_and_those_beyond_the_limit(void **state)
{
    struct uuid anna = sql_user("Anna");
    char secret[32];

    (void)state;
    for (int i = 0; i < WEB_SESSIONS_PER_USER + 3; i++) {
        struct user_command_link link = make_link(anna, "/");
        (void)snprintf(secret, sizeof secret, "session %d", i);
        assert_int_equal(sql_count(login_link_use(text_of(link.link.secret), secret, TEXT(""))), 1);
    }
    assert_int_equal(sql_count(session_of("session 2")), 0);
    assert_int_equal(sql_count(session_of("session 3")), 1);
    assert_string_equal(sql_value("SELECT count(*) FROM sessions WHERE user_id = '%s'", anna.text), "20");
    {
        struct user_command_link link = make_link(anna, "/");
        assert_int_equal(sql_count(login_link_use(text_of(link.link.secret), "again", text_of(secret))), 1);
    }
    assert_int_equal(sql_count(session_of(secret)), 0);
    assert_int_equal(sql_count(session_of("again")), 1);
}

static void a_session_slides_at_most_once_an_hour_and_ends(void **state)
{
    struct uuid anna = sql_user("Anna"), boris = sql_user("Boris"), id;
    struct user_command_link link = make_link(anna, "/");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    sql_do("DELETE FROM sessions");
    PQclear(sql_rows(login_link_use(text_of(link.link.secret), "s", TEXT(""))));
    rows = sql_rows(session_of("s"));
    row = rows_at(rows, 0);
    id = row_uuid(&row);
    assert_false(row_bool(&row));
    sql_do("UPDATE sessions SET last_seen_at = now() - interval '59 minutes', expires_at = now() + interval '1 day'");
    PQclear(sql_rows(web_session_touch(anna, id)));
    assert_string_equal(sql_value("SELECT expires_at < now() + interval '2 days' FROM sessions"), "t");
    sql_do("UPDATE sessions SET last_seen_at = now() - interval '61 minutes'");
    PQclear(sql_rows(web_session_touch(boris, id)));
    assert_string_equal(sql_value("SELECT expires_at < now() + interval '2 days' FROM sessions"), "t");
    PQclear(sql_rows(web_session_touch(anna, id)));
    assert_string_equal(sql_value("SELECT expires_at > now() + interval '29 days' FROM sessions"), "t");
    sql_do("UPDATE sessions SET expires_at = now()");
    assert_int_equal(sql_count(session_of("s")), 0);
}

static void only_its_user_ends_a_session(void **state)
{
    struct uuid anna = sql_user("Anna"), boris = sql_user("Boris"), id;
    struct user_command_link link = make_link(anna, "/");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    PQclear(sql_rows(login_link_use(text_of(link.link.secret), "to end", TEXT(""))));
    rows = sql_rows(session_of("to end"));
    row = rows_at(rows, 0);
    id = row_uuid(&row);
    PQclear(sql_rows(web_session_delete(boris, id)));
    assert_int_equal(sql_count(session_of("to end")), 1);
    PQclear(sql_rows(web_session_delete(anna, id)));
    assert_int_equal(sql_count(session_of("to end")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_makes_one_session),
        cmocka_unit_test(only_the_newest_link_works_and_only_for_minutes),
        cmocka_unit_test(of_two_links_made_at_once_one_works),
        cmocka_unit_test(signing_in_ends_the_session_before_and_those_beyond_the_limit),
        cmocka_unit_test(a_session_slides_at_most_once_an_hour_and_ends),
        cmocka_unit_test(only_its_user_ends_a_session),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
