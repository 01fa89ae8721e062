#include "decoder/decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/decoding.h"
#include "support/picture.h"

static void pause_ms(int ms)
{
    (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000 * 1000}, NULL);
}

/* While it has nothing to do, it is stopped; then somebody else's photo is given to it, and it is killed. */
static void a_crash_costs_one_photo(void **state)
{
    CLEANUP(buf_done) struct buf photo = decoding_photo();
    struct decoder *decoder = decoding_open(1);

    (void)state;
    decoding_assert_taken(decoder, &photo);
    pid_t pid = decoding_only_child();
    assert_int_equal(kill(pid, SIGSTOP), 0);
    if (fork() == 0) {
        pause_ms(1500); /* it has been given long before */
        (void)kill(pid, SIGKILL);
        _exit(0);
    }
    decoding_assert_refused(decoder, &photo, "photo_undecodable");
    assert_int_equal(decoder_counts(decoder).died, 1);
    assert_int_equal(decoder_counts(decoder).ended, 0);
    decoding_assert_taken(decoder, &photo);
    assert_int_not_equal(kill(pid, 0), 0);
    decoder_close(decoder);
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

static void one_that_hangs_is_ended_in_time(void **state)
{
    CLEANUP(buf_done) struct buf photo = decoding_photo();
    struct decoder *decoder = decoding_open(1);
    int64_t began_ms;

    (void)state;
    decoding_assert_taken(decoder, &photo);
    assert_int_equal(kill(decoding_only_child(), SIGSTOP), 0);
    began_ms = clock_monotonic_ms();
    decoding_assert_refused(decoder, &photo, "photo_undecodable");
    assert_in_range(clock_monotonic_ms() - began_ms, DECODER_PHOTO_S * 1000 - 100, DECODER_PHOTO_S * 1000 + 10000);
    assert_int_equal(decoder_counts(decoder).ended, 1);
    decoding_assert_taken(decoder, &photo);
    decoder_close(decoder);
}

static void one_that_died_between_photos_is_replaced_unseen(void **state)
{
    CLEANUP(buf_done) struct buf photo = decoding_photo();
    struct decoder *decoder = decoding_open(1);
    siginfo_t ended;

    (void)state;
    decoding_assert_taken(decoder, &photo);
    pid_t pid = decoding_only_child();
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0); /* gone, and not yet taken leave of */
    decoding_assert_taken(decoder, &photo);
    assert_int_equal(decoder_counts(decoder).died, 0);
    decoder_close(decoder);
}

static void is_made_anew_after_two_hundred_photos(void **state)
{
    CLEANUP(buf_done) struct buf dot = picture_coded(picture_draw(2, 2, 3), ".png");
    struct decoder *decoder = decoding_open(1);
    pid_t first = 0, pid = 0;

    (void)state;
    for (int i = 0; i < 200; i++) {
        decoding_assert_refused(decoder, &dot, "too_small");
        if (i == 0)
            first = decoding_only_child();
    }
    decoding_assert_refused(decoder, &dot, "too_small");
    pid = decoding_only_child();
    assert_int_not_equal(pid, first);
    decoder_close(decoder);
}

/* A server of its own, killed as soon as it has a decoder. */
static void goes_when_its_server_is_killed(void **state)
{
    CLEANUP(buf_done) struct buf photo = decoding_photo();
    pid_t server, pid = 0;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    if ((server = fork()) == 0) {
        decoding_assert_taken(decoding_open(1), &photo);
        (void)decoding_children(&pid);
        _exit(write(ends[1], &pid, sizeof pid) == sizeof pid && pause());
    }
    assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
    assert_true(pid > 1);
    assert_int_equal(kill(pid, 0), 0);
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
    for (int i = 0; i < 150 && kill(pid, 0) == 0; i++)
        pause_ms(100);
    assert_int_not_equal(kill(pid, 0), 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_costs_one_photo),
        cmocka_unit_test(one_that_hangs_is_ended_in_time),
        cmocka_unit_test(one_that_died_between_photos_is_replaced_unseen),
        cmocka_unit_test(is_made_anew_after_two_hundred_photos),
        cmocka_unit_test(goes_when_its_server_is_killed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv) { return decoding_tests(argc, argv, run); }
