/* The book of an account as the settings show it, by the real statements. */
#include "users/ledger_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/sql.h"
#include "support/training_scene.h"

#define SETTLED "01990000-0000-7000-8000-0000000000b1"
#define RELEASED "01990000-0000-7000-8000-0000000000b2"

static PGresult *lines_of(struct uuid user)
{
    return sql_rows(ledger_lines(user, "Asia/Kathmandu", "DD.MM.YYYY, HH24:MI"));
}

static struct ledger_line line_at(const PGresult *rows, int index)
{
    return ledger_line_from_row(rows_at(rows, index));
}

static void add(struct uuid user, const char *kind, const char *generation, int amount)
{
    (void)sql_value("INSERT INTO ledger (user_id, generation_id, kind, amount, at)"
                    " VALUES ('%s', '%s', '%s', %d, '2026-01-15 10:00:00Z') RETURNING id",
                    user.text, generation, kind, amount);
}

static void the_newest_come_first_by_the_readers_clock(void **state)
{
    struct uuid user = sql_user("Anna");
    PGresult *rows;

    (void)state;
    add(user, "reserve", SETTLED, 8);
    add(user, "reserve", RELEASED, 4);
    add(user, "settle", SETTLED, 6);
    add(user, "release", RELEASED, 4);
    rows = lines_of(user);
    assert_int_equal(rows_count(rows), 5);
    assert_string_equal(line_at(rows, 0).kind, "release");
    assert_int_equal(line_at(rows, 0).returned, 0);
    assert_string_equal(line_at(rows, 1).kind, "settle");
    assert_int_equal(line_at(rows, 1).amount, 6);
    assert_int_equal(line_at(rows, 1).returned, 2); /* of its own reservation */
    assert_string_equal(line_at(rows, 1).generation.text, SETTLED);
    assert_null(line_at(rows, 1).what); /* the book outlives what it tells of */
    assert_true(text_equal(line_at(rows, 1).when, TEXT("15.01.2026, 15:45")));
    assert_string_equal(line_at(rows, 4).kind, "grant");
    assert_string_equal(line_at(rows, 4).reason, "first");
    assert_int_equal(line_at(rows, 4).amount, SQL_USER_CREDITS);
    assert_string_equal(line_at(rows, 4).generation.text, "");
    PQclear(rows);
}

static void a_training_is_told_with_its_avatar(void **state)
{
    struct ledger_line line;
    PGresult *rows;

    (void)state;
    training_scene_play("running", false);
    rows = lines_of(training_scene.user);
    line = line_at(rows, 0);
    assert_string_equal(line.kind, "reserve");
    assert_int_equal(line.amount, 240);
    assert_string_equal(line.generation.text, "");
    assert_string_equal(line.avatar.text, training_scene.avatar.text);
    assert_string_equal(line.what, "A");
    PQclear(rows);
}

static void it_is_ones_own_and_one_page_of_it(void **state)
{
    struct uuid user = sql_user("Anna"), other = sql_user("Boris");
    PGresult *rows;

    (void)state;
    for (int i = 0; i < LEDGER_LINES + 5; i++)
        add(user, "reserve", uuid_make().text, i);
    rows = lines_of(user);
    assert_int_equal(rows_count(rows), LEDGER_LINES);
    assert_int_equal(line_at(rows, 0).amount, LEDGER_LINES + 4);
    PQclear(rows);
    rows = lines_of(other);
    assert_int_equal(rows_count(rows), 1);
    PQclear(rows);
}

static void the_books_of_others_are_not_read_through(void **state)
{
    struct uuid user = sql_user("Anna"), other = sql_user("Boris");

    (void)state;
    (void)sql_value(
        "INSERT INTO ledger (user_id, generation_id, kind, amount) SELECT '%s', gen_random_uuid(), 'reserve', 4"
        " FROM generate_series(1, 3000) RETURNING id",
        other.text);
    sql_do("ANALYZE ledger");
    sql_assert_plan(ledger_lines(user, "UTC", "YYYY"), "ledger_of_user");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_come_first_by_the_readers_clock),
        cmocka_unit_test(a_training_is_told_with_its_avatar),
        cmocka_unit_test(it_is_ones_own_and_one_page_of_it),
        cmocka_unit_test(the_books_of_others_are_not_read_through),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
