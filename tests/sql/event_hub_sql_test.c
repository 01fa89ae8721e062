/* Event streams end to end within one loop: from rows in a real database to what a reader gets. */
#include "events/event_hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "events/events_api.h"
#include "support/house.h"
#include "support/sql.h"

enum { PATIENCE_MS = 5000, MANY = 450 };

static struct uuid user;

static struct next authenticate(struct call *call)
{
    call->who = (struct who){.kind = WHO_SERVICE, .scopes = SCOPE_READ, .user = user, .locale = "en"};
    return call_enter(call);
}

static const struct route ROUTES[] = {{"GET", "/events", ACCESS_READ, 0, events_stream}, {0}};

static uv_loop_t *loop(void) { return &house_local()->thread->loop; }

static void run_for(int ms)
{
    int64_t until = clock_monotonic_ms() + ms;

    while (clock_monotonic_ms() < until)
        if (!uv_run(loop(), UV_RUN_NOWAIT))
            return;
}

static int set_up(void **state)
{
    const struct db_config config = {getenv("DATABASE_URL"), 1, 1, 1000, PATIENCE_MS};
    struct local *local;
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    sql_do("TRUNCATE events");
    user = sql_user("hub");
    house_open(ROUTES, authenticate);
    local = house_local();
    local->db = db_open(loop(), &config);
    local->event_bell = event_bell_open();
    local->events = event_hub_open(loop(), local->db, local->event_bell);
    while (!db_ready(local->db) && clock_monotonic_ms() < until)
        uv_run(loop(), UV_RUN_ONCE);
    return db_ready(local->db) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct event_bell *bell = house_local()->event_bell;

    (void)state;
    event_hub_stop(house_local()->events);
    event_hub_close(house_local()->events);
    db_close(house_local()->db);
    house_close();
    event_bell_close(bell);
    return 0;
}

static struct loopback *open_with(const char *last_id, bool slow)
{
    struct loopback *l = house_send(&(struct loopback_message){
        .method = "GET", .path = "/events", .headers = {last_id ? "last-event-id" : NULL, last_id}, .slow = slow});

    run_for(50); /* the place is read */
    return l;
}

static struct loopback *open_stream(void) { return open_with(NULL, false); }

static void add_events(struct uuid owner, int count)
{
    char sql[500];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO events (user_id, kind, ref, payload) SELECT '%s', 'image', gen_random_uuid(),"
                   " '{\"n\":' || n || '}' FROM generate_series(1, %d) n",
                   owner.text, count);
    sql_do(sql);
    event_bell_ring(house_local()->event_bell);
}

static int count_of(const struct loopback *l, const char *words)
{
    int count = 0;

    for (const char *at = loopback_body(l); (at = strstr(at, words)); at += strlen(words))
        count++;
    return count;
}

static void await_count(const struct loopback *l, const char *words, int count)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    while (count_of(l, words) < count && clock_monotonic_ms() < until)
        uv_run(loop(), UV_RUN_ONCE);
    assert_int_equal(count_of(l, words), count);
}

static void what_is_written_is_streamed_in_order(void **state)
{
    struct loopback *l = open_stream();
    const char *at;

    (void)state;
    assert_non_null(strstr(loopback_body(l), "retry: 2000\n\n"));
    add_events(user, MANY); /* several pages */
    await_count(l, "event: image\n", MANY);
    at = loopback_body(l);
    for (int n = 1; n <= MANY; n++) {
        char payload[32];
        (void)snprintf(payload, sizeof payload, "data: {\"n\":%d}\n\n", n);
        assert_non_null(at = strstr(at, payload));
    }
    run_for(700); /* nothing comes twice */
    assert_int_equal(count_of(l, "event: image\n"), MANY);
    assert_int_equal(count_of(l, "resync"), 0);
    loopback_close(l);
}

static void each_reader_gets_its_own_users_events(void **state)
{
    struct uuid other = sql_user("other");
    struct loopback *mine = open_stream(), *theirs;

    (void)state;
    user = other;
    theirs = open_stream();
    add_events(other, 2);
    await_count(theirs, "event: image\n", 2);
    run_for(700);
    assert_int_equal(count_of(mine, "event:"), 0);
    loopback_close(mine);
    loopback_close(theirs);
}

static void a_reader_goes_on_where_it_was(void **state)
{
    struct loopback *l = open_stream();
    char last[32];

    (void)state;
    add_events(user, 3);
    await_count(l, "event: image\n", 3);
    loopback_close(l);
    (void)snprintf(last, sizeof last, "%s", sql_value("SELECT min(id) FROM events"));
    add_events(user, 1);
    l = open_with(last, false);
    await_count(l, "event: image\n", 3);
    run_for(100);
    assert_int_equal(count_of(l, "event: image\n"), 3);
    assert_int_equal(count_of(l, "resync"), 0);
    loopback_close(l);
}

static void a_reader_that_was_away_too_long_is_told_so(void **state)
{
    struct loopback *l = open_with("999999999", false);

    (void)state;
    assert_int_equal(count_of(l, "event: resync\ndata: {}\n\n"), 1);
    add_events(user, 1);
    await_count(l, "event: image\n", 1);
    loopback_close(l);
    l = open_with("abc", false);
    assert_int_equal(loopback_status(l), 400);
    assert_string_equal(house_code(l), "last_event_id_invalid");
    loopback_close(l);
}

static void a_user_has_so_many_streams_and_no_more(void **state)
{
    struct loopback *open[EVENTS_MAX_STREAMS], *more;

    (void)state;
    for (int i = 0; i < EVENTS_MAX_STREAMS; i++)
        open[i] = open_stream();
    more = open_stream();
    assert_int_equal(loopback_status(more), 429);
    assert_string_equal(house_code(more), "too_many_streams");
    assert_non_null(loopback_header(more, "retry-after", 0));
    loopback_close(more);
    loopback_close(open[0]);
    open[0] = open_stream();
    assert_int_equal(count_of(open[0], "retry:"), 1);
    for (int i = 0; i < EVENTS_MAX_STREAMS; i++)
        loopback_close(open[i]);
}

static void a_reader_that_takes_nothing_is_ended(void **state)
{
    struct loopback *l = open_with(NULL, true);
    char sql[400];

    (void)state;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO events (user_id, kind, ref, payload) SELECT '%s', 'image', gen_random_uuid(),"
                   " repeat('x', 10000) FROM generate_series(1, 60)",
                   user.text);
    sql_do(sql);
    event_bell_ring(house_local()->event_bell);
    run_for(1000);
    for (int i = 0; i < 3; i++) {
        loopback_take(l);
        run_for(20);
    }
    assert_true(loopback_answered(l));
    loopback_close(l);
}

static void streams_end_when_the_database_goes(void **state)
{
    struct loopback *l = open_stream();
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    (void)state;
    sql_do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
           " WHERE pid <> pg_backend_pid() AND datname = current_database()");
    run_for(1500);
    while (!db_ready(house_local()->db) && clock_monotonic_ms() < until)
        uv_run(loop(), UV_RUN_ONCE);
    if (!loopback_answered(l)) { /* it noticed nothing: then it has missed nothing */
        add_events(user, 1);
        await_count(l, "event: image\n", 1);
    }
    loopback_close(l);
}

static void stopping_ends_every_stream(void **state)
{
    struct loopback *a = open_stream(), *b = open_stream();

    (void)state;
    event_hub_stop(house_local()->events);
    assert_true(loopback_answered(a) && loopback_answered(b));
    loopback_close(a);
    loopback_close(b);
}

static void a_stream_that_is_opened_while_it_stops_ends_at_once(void **state)
{
    struct loopback *l = house_send(&(struct loopback_message){.method = "GET", .path = "/events"});

    (void)state;
    event_hub_stop(house_local()->events);
    run_for(100); /* its place is read only now */
    assert_true(loopback_answered(l));
    assert_int_equal(loopback_status(l), 200);
    loopback_close(l);
}

static int64_t scans(void)
{
    return strtoll(sql_value("SELECT coalesce(sum(idx_scan + seq_scan), 0) FROM pg_stat_user_tables"
                             " WHERE relname = 'events'"),
                   NULL, 10);
}

static void streams_without_news_cost_one_look_for_all(void **state)
{
    struct loopback *open[20];
    int64_t before;

    (void)state;
    for (int i = 0; i < 20; i++) {
        if (i % EVENTS_MAX_STREAMS == 0)
            user = sql_user("idle");
        open[i] = open_stream();
    }
    run_for(2500); /* the database counts with a delay */
    before = scans();
    run_for(4000);
    assert_in_range(scans() - before, 1, 50); /* 8 looks; every stream for itself would be 160 */
    for (int i = 0; i < 20; i++)
        loopback_close(open[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_streamed_in_order),
        TEST(each_reader_gets_its_own_users_events),
        TEST(a_reader_goes_on_where_it_was),
        TEST(a_reader_that_was_away_too_long_is_told_so),
        TEST(a_user_has_so_many_streams_and_no_more),
        TEST(a_reader_that_takes_nothing_is_ended),
        TEST(streams_end_when_the_database_goes),
        TEST(stopping_ends_every_stream),
        TEST(a_stream_that_is_opened_while_it_stops_ends_at_once),
        TEST(streams_without_news_cost_one_look_for_all),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
