/* The link to Redis against a real redis-server, and against servers that do not behave. */
#include "redis/redis_link.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/redis_server.h"

enum { ANSWERS = 600 };

static struct {
    uv_loop_t loop;
    struct redis_link *link;
    struct redis_server redis;
    /* What came back, one letter each: n(one), r(efused), 0 (nil), t(ext), # (number) */
    char kinds[ANSWERS + 1];
    int count;
    char text[64];
    int64_t number, at_ms;
} t;

static void note(void *owner, const struct redis_answer *answer)
{
    static const char LETTERS[] = {[REDIS_ANSWER_NONE] = 'n',
                                   [REDIS_ANSWER_REFUSED] = 'r',
                                   [REDIS_ANSWER_NIL] = '0',
                                   [REDIS_ANSWER_TEXT] = 't',
                                   [REDIS_ANSWER_NUMBER] = '#'};

    (void)owner;
    assert_true(t.count < ANSWERS);
    t.kinds[t.count++] = LETTERS[answer->kind];
    t.number = answer->number;
    t.at_ms = clock_monotonic_ms();
    (void)snprintf(t.text, sizeof t.text, "%.*s", (int)(answer->text.len < 60 ? answer->text.len : 60),
                   answer->text.at ? answer->text.at : "");
}

static struct redis_question *ask(const char *a, const char *b, const char *c)
{
    const struct text words[] = {text_of(a), text_of(b ? b : ""), text_of(c ? c : "")};

    return redis_link_ask(t.link, c ? 3 : b ? 2 : 1, words, note, NULL);
}

static void on_tick(uv_timer_t *timer) { (void)timer; }

/* Turns the loop until so many answers have come, or the time is over; false: it is over. */
static bool turn(int answers, bool ready, int64_t ms)
{
    int64_t end = clock_monotonic_ms() + ms;
    uv_timer_t tick;

    uv_timer_init(&t.loop, &tick);
    uv_timer_start(&tick, on_tick, 1, 1);
    while (clock_monotonic_ms() < end && (t.count < answers || (ready && !redis_link_ready(t.link))))
        uv_run(&t.loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&t.loop, UV_RUN_NOWAIT);
    return t.count >= answers && (!ready || redis_link_ready(t.link));
}

static void open_link(const char *url)
{
    struct redis_url where;
    struct err err;

    assert_true(redis_url_read(url, &where, &err));
    t.link = redis_link_open(&t.loop, &where);
}

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    return uv_loop_init(&t.loop);
}

static int tear_down(void **state)
{
    (void)state;
    redis_link_close(t.link);
    uv_run(&t.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&t.loop), 0);
    if (*t.redis.folder)
        redis_server_end(&t.redis);
    return 0;
}

static void with_redis(const char *const *arguments)
{
    redis_server_start(&t.redis, arguments);
    open_link(t.redis.url);
    assert_true(turn(0, true, 5000));
}

static void answers_come_in_the_order_of_the_questions(void **state)
{
    (void)state;
    with_redis(NULL);
    assert_non_null(ask("SET", "key", "value"));
    assert_non_null(ask("GET", "key", NULL));
    assert_non_null(ask("GET", "nothing", NULL));
    assert_non_null(ask("STRLEN", "key", NULL));
    assert_non_null(ask("HGET", "key", "field"));
    assert_int_equal(t.count, 0); /* nothing is called before the loop turns */
    assert_true(turn(5, false, 5000));
    assert_string_equal(t.kinds, "tt0#r");
    assert_non_null(strstr(t.text, "WRONGTYPE"));
    assert_true(redis_link_ready(t.link));
}

static void binary_words_come_back_as_they_were(void **state)
{
    static const char BYTES[] = "a\0b\r\n$3\r\n\xff";
    const struct text set[] = {TEXT("SET"), TEXT("k"), {BYTES, sizeof BYTES}}, len[] = {TEXT("STRLEN"), TEXT("k")};

    (void)state;
    with_redis(NULL);
    assert_non_null(redis_link_ask(t.link, 3, set, NULL, NULL));
    assert_non_null(redis_link_ask(t.link, 2, len, note, NULL));
    assert_true(turn(1, false, 5000));
    assert_int_equal(t.number, sizeof BYTES);
}

static void nothing_is_asked_while_there_is_no_redis(void **state)
{
    (void)state;
    assert_null(redis_link_ask(NULL, 1, &TEXT("PING"), note, NULL));
    open_link("unix:/tmp/aisha-no-redis-here/socket");
    assert_null(ask("PING", NULL, NULL));
    assert_false(turn(0, true, 300));
    assert_null(ask("PING", NULL, NULL));
    assert_int_equal(t.count, 0);
}

static void a_name_that_nobody_has_is_as_good_as_no_redis(void **state)
{
    (void)state;
    open_link("redis://aisha-no-such-host.invalid:6379");
    assert_false(turn(0, true, 300));
    assert_null(ask("PING", NULL, NULL));
}

static void a_frozen_redis_costs_one_patience_and_then_nothing(void **state)
{
    int64_t began;

    (void)state;
    with_redis(NULL);
    redis_server_signal(&t.redis, SIGSTOP);
    began = clock_monotonic_ms();
    assert_non_null(ask("PING", NULL, NULL));
    assert_non_null(ask("PING", NULL, NULL));
    assert_true(turn(2, false, 5000));
    assert_string_equal(t.kinds, "nn");
    assert_true(REDIS_PATIENCE_MS < 50); /* what a request may wait; the rest is a machine that is busy */
    assert_in_range(t.at_ms - began, REDIS_PATIENCE_MS - 1, 1000);
    assert_null(ask("PING", NULL, NULL));
    assert_false(turn(0, true, 700)); /* connecting works while it is frozen; the greeting does not */
    assert_null(ask("PING", NULL, NULL));
    redis_server_signal(&t.redis, SIGCONT);
    assert_true(turn(0, true, 8000));
    assert_non_null(ask("PING", NULL, NULL));
    assert_true(turn(3, false, 5000));
    assert_string_equal(t.text, "PONG");
}

/* The loop's own time is that of the beginning of its turn. */
static void who_asks_at_the_end_of_a_long_turn_has_the_whole_patience(void **state)
{
    int64_t began;

    (void)state;
    with_redis(NULL);
    redis_server_signal(&t.redis, SIGSTOP);
    uv_update_time(&t.loop);
    uv_sleep(200);
    began = clock_monotonic_ms();
    assert_non_null(ask("PING", NULL, NULL));
    assert_true(turn(1, false, 5000));
    assert_string_equal(t.kinds, "n");
    assert_in_range(t.at_ms - began, REDIS_PATIENCE_MS - 1, 1000);
}

/* The answer lies in the socket when the loop comes back to it: that is not Redis' fault. */
static void a_loop_that_was_busy_loses_no_answer(void **state)
{
    (void)state;
    with_redis(NULL);
    assert_non_null(ask("PING", NULL, NULL));
    uv_run(&t.loop, UV_RUN_NOWAIT);
    uv_sleep(400); /* far over the patience, and enough for a Redis that is busy, too */
    assert_true(turn(1, false, 5000));
    assert_string_equal(t.text, "PONG");
}

static void a_killed_redis_fails_what_waits_and_is_found_again(void **state)
{
    (void)state;
    with_redis(NULL);
    redis_server_signal(&t.redis, SIGSTOP);
    assert_non_null(ask("PING", NULL, NULL));
    uv_run(&t.loop, UV_RUN_NOWAIT);
    redis_server_kill(&t.redis);
    assert_true(turn(1, false, 5000));
    assert_string_equal(t.kinds, "n");
    assert_null(ask("PING", NULL, NULL));
    redis_server_again(&t.redis);
    assert_true(turn(0, true, 8000));
}

static void a_full_redis_refuses_and_stays(void **state)
{
    static char big[200 * 1024];
    const struct text words[] = {TEXT("SET"), TEXT("big"), {big, sizeof big}};

    (void)state;
    with_redis((const char *const[]){"--maxmemory", "1mb", "--maxmemory-policy", "noeviction", NULL});
    assert_non_null(redis_link_ask(t.link, 3, words, note, NULL));
    assert_non_null(ask("GET", "key", NULL));
    assert_true(turn(2, false, 5000));
    assert_string_equal(t.kinds, "r0");
    assert_true(redis_link_ready(t.link));
}

static void an_answer_that_is_too_long_drops_the_connection_and_the_next_one_works(void **state)
{
    (void)state;
    with_redis(NULL);
    assert_non_null(ask("SETRANGE", "big", "900000"));
    assert_true(turn(1, false, 5000));
    {
        const struct text set[] = {TEXT("SETRANGE"), TEXT("big"), TEXT("900000"), TEXT("x")};
        assert_non_null(redis_link_ask(t.link, 4, set, note, NULL));
    }
    assert_true(turn(2, false, 5000));
    assert_non_null(ask("GET", "big", NULL));
    assert_true(turn(3, false, 5000));
    assert_string_equal(t.kinds, "r#n");
    assert_true(turn(0, true, 5000));
    assert_non_null(ask("PING", NULL, NULL));
    assert_true(turn(4, false, 5000));
}

static void lists_are_nobodys_answer(void **state)
{
    (void)state;
    with_redis(NULL);
    assert_non_null(ask("TIME", NULL, NULL));
    assert_true(turn(1, false, 5000));
    assert_string_equal(t.kinds, "n");
    assert_true(turn(0, true, 5000));
}

static void only_so_many_questions_wait(void **state)
{
    (void)state;
    with_redis(NULL);
    for (int i = 0; i < REDIS_MAX_WAITING; i++)
        assert_non_null(ask("PING", NULL, NULL));
    assert_null(ask("PING", NULL, NULL));
    assert_true(turn(REDIS_MAX_WAITING, false, 5000));
    assert_non_null(ask("PING", NULL, NULL));
    assert_true(turn(REDIS_MAX_WAITING + 1, false, 5000));
}

static void who_went_away_is_not_called(void **state)
{
    struct redis_question *question;

    (void)state;
    with_redis(NULL);
    question = ask("SET", "a", "b");
    assert_non_null(ask("GET", "a", NULL));
    redis_question_cancel(question);
    assert_true(turn(1, false, 5000));
    (void)turn(2, false, 50);
    assert_int_equal(t.count, 1);
    assert_string_equal(t.text, "b");
}

static void closing_tells_those_who_wait_and_nobody_later(void **state)
{
    (void)state;
    with_redis(NULL);
    assert_non_null(ask("PING", NULL, NULL));
    redis_link_close(t.link);
    t.link = NULL;
    assert_string_equal(t.kinds, "n");
    uv_run(&t.loop, UV_RUN_DEFAULT);
    assert_int_equal(t.count, 1);
}

static void a_password_and_a_database_are_said_at_the_beginning(void **state)
{
    char url[200];

    (void)state;
    redis_server_start(&t.redis, (const char *const[]){"--requirepass", "p@ss word", NULL});
    (void)snprintf(url, sizeof url, "unix://:p%%40ss%%20word@%s?db=3", t.redis.url + 5);
    open_link(url);
    assert_true(turn(0, true, 5000));
    assert_non_null(ask("SET", "in-three", "x"));
    assert_non_null(ask("SELECT", "0", NULL));
    assert_non_null(ask("EXISTS", "in-three", NULL));
    assert_true(turn(3, false, 5000));
    assert_int_equal(t.number, 0);
    assert_string_equal(t.kinds, "tt#");
}

static void with_a_wrong_password_it_is_never_ready(void **state)
{
    char url[200];

    (void)state;
    redis_server_start(&t.redis, (const char *const[]){"--requirepass", "right", NULL});
    (void)snprintf(url, sizeof url, "unix://:wrong@%s", t.redis.url + 5);
    open_link(url);
    assert_false(turn(0, true, 500));
    assert_null(ask("PING", NULL, NULL));
}

/* Servers that do not behave */

static struct {
    uv_tcp_t listener, peers[64];
    int connections, heard;
    const char *greeting, *later; /* what is sent for the first thing that is said, and for all others; NULL: nothing */
    char url[64];
} odd;

static void on_odd_room(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
    static char room[65536];

    (void)handle;
    (void)wanted;
    *ret = uv_buf_init(room, sizeof room);
}

static void on_odd_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *bytes)
{
    const char *answer = stream->data ? odd.later : odd.greeting;
    uv_buf_t out;

    (void)bytes;
    if (len < 0) {
        if (!uv_is_closing((uv_handle_t *)stream))
            uv_close((uv_handle_t *)stream, NULL);
        return;
    }
    stream->data = &odd;
    odd.heard++;
    if (answer) {
        out = uv_buf_init((char *)(uintptr_t)answer, (unsigned)strlen(answer));
        (void)uv_try_write(stream, &out, 1);
    }
}

static void on_odd_connection(uv_stream_t *listener, int status)
{
    uv_tcp_t *peer = &odd.peers[odd.connections++];

    assert_int_equal(status, 0);
    assert_true(odd.connections < 64);
    uv_tcp_init(&t.loop, peer);
    peer->data = NULL;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)peer), 0);
    uv_tcp_nodelay(peer, 1);
    uv_read_start((uv_stream_t *)peer, on_odd_room, on_odd_read);
}

static void open_odd(const char *greeting, const char *later)
{
    struct sockaddr_in address;
    int len = sizeof address;

    memset(&odd, 0, sizeof odd);
    odd.greeting = greeting;
    odd.later = later;
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_init(&t.loop, &odd.listener);
    uv_tcp_bind(&odd.listener, (const struct sockaddr *)&address, 0);
    assert_int_equal(uv_listen((uv_stream_t *)&odd.listener, 8, on_odd_connection), 0);
    uv_tcp_getsockname(&odd.listener, (struct sockaddr *)&address, &len);
    (void)snprintf(odd.url, sizeof odd.url, "redis://localhost:%d", ntohs(address.sin_port));
    open_link(odd.url);
}

static void close_odd(void)
{
    uv_close((uv_handle_t *)&odd.listener, NULL);
    for (int i = 0; i < odd.connections; i++)
        if (!uv_is_closing((uv_handle_t *)&odd.peers[i]))
            uv_close((uv_handle_t *)&odd.peers[i], NULL);
}

static void a_server_that_never_answers_is_never_used_and_left_after_a_second(void **state)
{
    (void)state;
    open_odd(NULL, NULL);
    assert_false(turn(0, true, 1500));
    assert_null(ask("PING", NULL, NULL));
    for (int i = 0; i < 50 && odd.connections < 2; i++) /* a machine that is busy */
        assert_false(turn(0, true, 100));
    assert_in_range(odd.connections, 2, 3);
    close_odd();
}

static void a_server_that_only_greets_is_asked_less_and_less(void **state)
{
    int asked = 0;
    int64_t end = clock_monotonic_ms() + 2000;

    (void)state;
    open_odd("+PONG\r\n", NULL);
    while (clock_monotonic_ms() < end) {
        (void)turn(0, true, 20);
        asked += ask("GET", "x", NULL) != NULL;
        (void)turn(asked, false, 60);
    }
    assert_in_range(asked, 2, 6); /* after 0.1, 0.2, 0.4, 0.8 s */
    assert_int_equal(t.count, asked);
    assert_null(strpbrk(t.kinds, "rt0#"));
    close_odd();
}

static void trickle(uv_idle_t *idle)
{
    uv_buf_t out = uv_buf_init((char *)(uintptr_t) "x", 1);

    (void)idle;
    if (odd.heard > 1)
        (void)uv_try_write((uv_stream_t *)&odd.peers[0], &out, 1);
}

/* A piece in each turn of the loop: there is always something to read. */
static void an_answer_that_trickles_is_waited_for_no_longer_than_any_other(void **state)
{
    int64_t began;
    uv_idle_t idle;

    (void)state;
    open_odd("+PONG\r\n", "$500000\r\n");
    assert_true(turn(0, true, 5000));
    uv_idle_init(&t.loop, &idle);
    uv_idle_start(&idle, trickle);
    began = clock_monotonic_ms();
    assert_non_null(ask("GET", "x", NULL));
    assert_non_null(ask("GET", "y", NULL));
    while (t.count < 2 && clock_monotonic_ms() < began + 10000)
        uv_run(&t.loop, UV_RUN_NOWAIT); /* with its timers before its sockets only, as in a loop that runs for ever */
    uv_close((uv_handle_t *)&idle, NULL);
    uv_run(&t.loop, UV_RUN_NOWAIT);
    assert_string_equal(t.kinds, "nn");
    assert_in_range(t.at_ms - began, REDIS_PATIENCE_MS - 1, 400);
    close_odd();
}

static void an_answer_that_nobody_asked_for_drops_the_connection(void **state)
{
    (void)state;
    open_odd("+PONG\r\n", "$1\r\na\r\n$1\r\nb\r\n");
    assert_true(turn(0, true, 5000));
    assert_non_null(ask("GET", "x", NULL));
    assert_true(turn(1, false, 5000));
    assert_string_equal(t.text, "a");
    assert_false(redis_link_ready(t.link));
    close_odd();
}

static void what_is_no_answer_at_all_drops_the_connection(void **state)
{
    static const char *const ODD[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "*2147483647\r\n", "*-5\r\n",
                                      "$99999999999999999999\r\n",        "$-7\r\n",         ":x\r\n",
                                      "*1\r\n*1\r\n*1\r\n*1\r\n",         "%3\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++) {
        t.count = 0;
        open_odd("+PONG\r\n", ODD[i]);
        assert_true(turn(0, true, 5000));
        assert_non_null(ask("GET", "x", NULL));
        assert_true(turn(1, false, 5000));
        assert_int_equal(t.kinds[0], 'n');
        redis_link_close(t.link);
        t.link = NULL;
        close_odd();
        uv_run(&t.loop, UV_RUN_DEFAULT);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers_come_in_the_order_of_the_questions),
        TEST(binary_words_come_back_as_they_were),
        TEST(nothing_is_asked_while_there_is_no_redis),
        TEST(a_name_that_nobody_has_is_as_good_as_no_redis),
        TEST(a_frozen_redis_costs_one_patience_and_then_nothing),
        TEST(who_asks_at_the_end_of_a_long_turn_has_the_whole_patience),
        TEST(a_loop_that_was_busy_loses_no_answer),
        TEST(a_killed_redis_fails_what_waits_and_is_found_again),
        TEST(a_full_redis_refuses_and_stays),
        TEST(an_answer_that_is_too_long_drops_the_connection_and_the_next_one_works),
        TEST(lists_are_nobodys_answer),
        TEST(only_so_many_questions_wait),
        TEST(who_went_away_is_not_called),
        TEST(closing_tells_those_who_wait_and_nobody_later),
        TEST(a_password_and_a_database_are_said_at_the_beginning),
        TEST(with_a_wrong_password_it_is_never_ready),
        TEST(a_server_that_never_answers_is_never_used_and_left_after_a_second),
        TEST(a_server_that_only_greets_is_asked_less_and_less),
        TEST(an_answer_that_trickles_is_waited_for_no_longer_than_any_other),
        TEST(an_answer_that_nobody_asked_for_drops_the_connection),
        TEST(what_is_no_answer_at_all_drops_the_connection),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
