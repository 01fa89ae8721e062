/* Bells: between the threads of a process, none is lost and none wakes who has gone. */
#include "jobs/bell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/clock.h"
#include "events/event_bell.h"

enum { WAITERS = 4, LOOPS = 3, RINGERS = 4, RINGS = 2000, PATIENCE_MS = 5000 };

struct waiter {
    pthread_t thread;
    struct jobs_bell *bell;
    atomic_int *woken;
};

static void *wait_once(void *arg)
{
    struct waiter *waiter = arg;

    bell_wait(waiter->bell, PATIENCE_MS);
    atomic_fetch_add(waiter->woken, 1);
    return NULL;
}

static void start(struct waiter waiters[WAITERS], struct jobs_bell *bell, atomic_int *woken)
{
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (struct waiter){.bell = bell, .woken = woken};
        assert_int_equal(pthread_create(&waiters[i].thread, NULL, wait_once, &waiters[i]), 0);
    }
}

static void join(struct waiter waiters[WAITERS])
{
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(pthread_join(waiters[i].thread, NULL), 0);
}

static void a_ring_that_nobody_waits_for_is_kept(void **state)
{
    struct jobs_bell *bell = bell_open();
    int64_t began = clock_monotonic_ms();

    (void)state;
    bell_ring(bell);
    bell_ring(bell);
    bell_wait(bell, PATIENCE_MS);
    bell_wait(bell, PATIENCE_MS);
    assert_true(clock_monotonic_ms() - began < 1000);
    bell_wait(bell, 120); /* there is no third one */
    assert_in_range(clock_monotonic_ms() - began, 110, 2000);
    bell_ring(NULL);
    bell_close(bell);
}

static void each_ring_wakes_one(void **state)
{
    struct jobs_bell *bell = bell_open();
    struct waiter waiters[WAITERS];
    atomic_int woken = 0;
    int64_t began = clock_monotonic_ms();

    (void)state;
    start(waiters, bell, &woken);
    for (int i = 0; i < WAITERS; i++)
        bell_ring(bell);
    join(waiters);
    assert_int_equal(atomic_load(&woken), WAITERS);
    assert_true(clock_monotonic_ms() - began < PATIENCE_MS - 1000);
    bell_close(bell);
}

static void ringing_for_all_wakes_all(void **state)
{
    struct jobs_bell *bell = bell_open();
    struct waiter waiters[WAITERS];
    atomic_int woken = 0;
    int64_t began = clock_monotonic_ms();

    (void)state;
    start(waiters, bell, &woken);
    bell_ring_all(bell);
    join(waiters);
    assert_true(clock_monotonic_ms() - began < PATIENCE_MS - 1000);
    bell_close(bell);
}

/* The bell of the event loops */

struct listener {
    pthread_t thread;
    struct event_bell *bell;
    uv_loop_t loop;
    uv_async_t async;
    uv_timer_t end;
    atomic_bool heard, stop;
};

static void on_rung(uv_async_t *async)
{
    struct listener *listener = async->data;

    atomic_store(&listener->heard, true);
}

static void on_end(uv_timer_t *timer)
{
    struct listener *listener = timer->data;

    if (!atomic_load(&listener->stop))
        return;
    event_bell_remove(listener->bell, &listener->async);
    uv_close((uv_handle_t *)&listener->async, NULL);
    uv_close((uv_handle_t *)timer, NULL);
}

static void *listen_to_bell(void *arg)
{
    struct listener *listener = arg;

    uv_loop_init(&listener->loop);
    uv_async_init(&listener->loop, &listener->async, on_rung);
    uv_timer_init(&listener->loop, &listener->end);
    listener->async.data = listener->end.data = listener;
    uv_timer_start(&listener->end, on_end, 5, 5);
    event_bell_add(listener->bell, &listener->async);
    uv_run(&listener->loop, UV_RUN_DEFAULT);
    uv_loop_close(&listener->loop);
    return NULL;
}

struct ringer {
    pthread_t thread;
    struct event_bell *bell;
};

static void *ring_often(void *arg)
{
    struct ringer *ringer = arg;

    for (int i = 0; i < RINGS; i++)
        event_bell_ring(ringer->bell);
    return NULL;
}

static void every_loop_hears_and_may_go_while_others_ring(void **state)
{
    static struct listener listeners[LOOPS];
    struct ringer ringers[RINGERS];
    struct event_bell *bell = event_bell_open();
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;
    bool all = false;

    (void)state;
    for (int i = 0; i < LOOPS; i++) {
        listeners[i].bell = bell;
        assert_int_equal(pthread_create(&listeners[i].thread, NULL, listen_to_bell, &listeners[i]), 0);
    }
    for (int i = 0; i < RINGERS; i++) {
        ringers[i] = (struct ringer){.bell = bell};
        assert_int_equal(pthread_create(&ringers[i].thread, NULL, ring_often, &ringers[i]), 0);
    }
    while (!all && clock_monotonic_ms() < until) {
        event_bell_ring(bell);
        all = true;
        for (int i = 0; i < LOOPS; i++)
            all = all && atomic_load(&listeners[i].heard);
    }
    assert_true(all);
    for (int i = 0; i < LOOPS; i++) {
        atomic_store(&listeners[i].stop, true);
        assert_int_equal(pthread_join(listeners[i].thread, NULL), 0);
    }
    for (int i = 0; i < RINGERS; i++)
        assert_int_equal(pthread_join(ringers[i].thread, NULL), 0);
    event_bell_ring(bell);
    event_bell_close(bell);
}

static void a_user_has_so_many_places_and_no_more(void **state)
{
    struct event_bell *bell = event_bell_open();
    char user[40];

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(event_bell_take_place(bell, "a", 5));
    assert_false(event_bell_take_place(bell, "a", 5));
    assert_true(event_bell_take_place(bell, "b", 5));
    event_bell_give_place(bell, "a");
    assert_true(event_bell_take_place(bell, "a", 5));
    for (int i = 0; i < 5; i++)
        event_bell_give_place(bell, "a");
    event_bell_give_place(bell, "b");
    for (int i = 0; i < 10000; i++) { /* who has given back is forgotten: there is room for others */
        (void)snprintf(user, sizeof user, "user %d", i);
        assert_true(event_bell_take_place(bell, user, 1));
        event_bell_give_place(bell, user);
    }
    event_bell_close(bell);
}

static void *take_and_give(void *arg)
{
    struct ringer *ringer = arg;
    int taken = 0;

    for (int i = 0; i < RINGS; i++)
        if (event_bell_take_place(ringer->bell, "shared", RINGERS - 1)) {
            taken++;
            event_bell_give_place(ringer->bell, "shared");
        }
    return taken > 0 ? ringer : NULL;
}

static void places_are_counted_by_many_threads(void **state)
{
    struct event_bell *bell = event_bell_open();
    struct ringer ringers[RINGERS];

    (void)state;
    for (int i = 0; i < RINGERS; i++) {
        ringers[i] = (struct ringer){.bell = bell};
        assert_int_equal(pthread_create(&ringers[i].thread, NULL, take_and_give, &ringers[i]), 0);
    }
    for (int i = 0; i < RINGERS; i++)
        assert_int_equal(pthread_join(ringers[i].thread, NULL), 0);
    for (int i = 0; i < RINGERS; i++)
        assert_int_equal(event_bell_take_place(bell, "shared", RINGERS - 1), i < RINGERS - 1);
    event_bell_close(bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_that_nobody_waits_for_is_kept),
        cmocka_unit_test(each_ring_wakes_one),
        cmocka_unit_test(ringing_for_all_wakes_all),
        cmocka_unit_test(every_loop_hears_and_may_go_while_others_ring),
        cmocka_unit_test(a_user_has_so_many_places_and_no_more),
        cmocka_unit_test(places_are_counted_by_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
