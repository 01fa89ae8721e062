/* Work on threads of the pool while a call waits. */
#include "http/await_work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/reply.h"
#include "local.h"
#include "support/loopback.h"

struct sum {
    int up_to;
    long result;
    pthread_t thread;
};

static atomic_int begun, done, stopped_early;
static atomic_bool may_end; /* what run waits for, unless its client has gone */

static void add_up(void *work, const atomic_bool *gone_now)
{
    struct sum *sum = work;

    atomic_fetch_add(&begun, 1);
    while (!atomic_load(&may_end) && !atomic_load(gone_now))
        (void)usleep(1000);
    if (atomic_load(gone_now))
        atomic_fetch_add(&stopped_early, 1);
    sum->thread = pthread_self();
    for (int i = 1; i <= sum->up_to; i++)
        sum->result += i;
}

static void end(void *work)
{
    atomic_fetch_add(&done, 1);
    free(work);
}

static struct next added_up(struct call *call, void *work)
{
    const struct sum *sum = work;
    char answer[60];

    (void)snprintf(answer, sizeof answer, "%ld %s %d", sum->result,
                   pthread_equal(sum->thread, pthread_self()) ? "here" : "elsewhere", atomic_load(&done));
    return reply_bytes(call, 200, "text/plain", text_of(answer));
}

static struct next begin(struct call *call)
{
    struct sum *sum = calloc(1, sizeof *sum);

    assert_non_null(sum);
    (void)text_copy(call->who.user.text, sizeof call->who.user.text, call_header(call, "x-user"));
    sum->up_to = 100;
    return await_work(call, sum, add_up, end, added_up);
}

static const struct route ROUTES[] = {{"GET", "/sum", ACCESS_PUBLIC, 0, begin}, {0}};

static const struct http_site SITE = {.routes = ROUTES};
static struct loopback_server *server;

static int set_up(void **state)
{
    static struct local local;

    (void)state;
    server = loopback_start(&SITE, &local);
    atomic_store(&begun, 0);
    atomic_store(&done, 0);
    atomic_store(&stopped_early, 0);
    atomic_store(&may_end, true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loopback_stop(server);
    return 0;
}

static struct loopback *ask_as(int user)
{
    char name[20];

    (void)snprintf(name, sizeof name, "user-%d", user);
    return loopback_send(server,
                         &(struct loopback_message){.method = "GET", .path = "/sum", .headers = {"x-user", name}});
}

static struct loopback *ask(void) { return ask_as(0); }

/* Turns of the loop until so many pieces of work are done. */
static void run_until_done(int count)
{
    for (int i = 0; i < 5000 && atomic_load(&done) < count; i++) {
        (void)uv_run(&loopback_thread(server)->loop, UV_RUN_NOWAIT);
        (void)usleep(1000);
    }
    assert_int_equal(atomic_load(&done), count);
}

static void wait_until_begun(int count)
{
    for (int i = 0; i < 5000 && atomic_load(&begun) < count; i++)
        (void)usleep(1000);
    assert_int_equal(atomic_load(&begun), count);
}

static void work_is_done_elsewhere_and_the_call_goes_on_here(void **state)
{
    struct loopback *l = ask();

    (void)state;
    assert_false(loopback_answered(l));
    run_until_done(1);
    assert_string_equal(loopback_body(l), "5050 elsewhere 0"); /* not freed before the step has seen it */
    loopback_close(l);
}

static void work_whose_client_has_gone_is_told_so_and_freed(void **state)
{
    struct loopback *l;

    (void)state;
    atomic_store(&may_end, false);
    l = ask();
    wait_until_begun(1);
    loopback_close(l);
    run_until_done(1);
    assert_int_equal(atomic_load(&stopped_early), 1);
}

/* The pool has four threads; the others wait, up to the limit. */
static void what_waits_has_a_limit_and_is_not_begun_when_nobody_wants_it(void **state)
{
    struct loopback *running[4], *waiting[WORK_MAX - 4], *over;

    (void)state;
    atomic_store(&may_end, false);
    for (int i = 0; i < 4; i++)
        running[i] = ask_as(i);
    wait_until_begun(4);
    for (int i = 0; i < WORK_MAX - 4; i++) {
        waiting[i] = ask_as(i % 8);
        assert_false(loopback_answered(waiting[i]));
    }
    over = ask_as(100);
    assert_int_equal(loopback_status(over), 503);
    assert_non_null(strstr(loopback_body(over), "\"code\":\"busy\""));
    assert_non_null(loopback_header(over, "retry-after", 0));
    assert_int_equal(atomic_load(&done), 1); /* its work is freed at once */
    loopback_close(over);
    for (int i = 0; i < WORK_MAX - 4; i++)
        loopback_close(waiting[i]);
    run_until_done(1 + WORK_MAX - 4);
    assert_int_equal(atomic_load(&begun), 4);
    over = ask_as(100); /* there is room again */
    assert_false(loopback_answered(over));
    atomic_store(&may_end, true);
    run_until_done(1 + WORK_MAX + 1);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(loopback_status(running[i]), 200);
        loopback_close(running[i]);
    }
    loopback_close(over);
}

static void one_users_work_keeps_nobody_else_out(void **state)
{
    struct loopback *own[WORK_MAX_OF_ONE], *over, *other;

    (void)state;
    atomic_store(&may_end, false);
    for (int i = 0; i < WORK_MAX_OF_ONE; i++)
        assert_false(loopback_answered(own[i] = ask_as(1)));
    over = ask_as(1);
    assert_int_equal(loopback_status(over), 503);
    loopback_close(over);
    other = ask_as(2);
    assert_false(loopback_answered(other));
    atomic_store(&may_end, true);
    run_until_done(WORK_MAX_OF_ONE + 2);
    assert_int_equal(loopback_status(other), 200);
    loopback_close(other);
    for (int i = 0; i < WORK_MAX_OF_ONE; i++)
        loopback_close(own[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(work_is_done_elsewhere_and_the_call_goes_on_here),
        TEST(work_whose_client_has_gone_is_told_so_and_freed),
        TEST(what_waits_has_a_limit_and_is_not_begun_when_nobody_wants_it),
        TEST(one_users_work_keeps_nobody_else_out),
    };

    (void)setenv("UV_THREADPOOL_SIZE", "4", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
