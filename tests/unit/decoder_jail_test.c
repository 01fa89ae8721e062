#include "decoder/decoder_jail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "decoder/decoder.h"

/* What act returns behind the walls, or -1 when the process was ended by a signal (*ret_signal). */
static int behind_the_walls(int (*act)(void), int *ret_signal)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        struct err err;
        _exit(decoder_jail_enter(&err) ? act() : 99);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    *ret_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_forbidden(bool failed) { return failed && (errno == EPERM || errno == EACCES); }

/* 0: all is forbidden; else the number of the first thing that is not. */
static int try_everything(void)
{
    char *const arguments[] = {NULL};

    if (!is_forbidden(open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0))
        return 1;
    if (!is_forbidden(open("/tmp", O_TMPFILE | O_WRONLY, 0600) < 0))
        return 2;
    if (!is_forbidden(socket(AF_INET, SOCK_STREAM, 0) < 0) || !is_forbidden(socket(AF_UNIX, SOCK_STREAM, 0) < 0))
        return 3;
    if (!is_forbidden(execve("/bin/true", arguments, arguments) < 0))
        return 4;
    if (!is_forbidden(fork() < 0))
        return 5;
    if (!is_forbidden(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0))
        return 6;
    if (!is_forbidden(kill(getppid(), 0) < 0))
        return 7;
    if (!is_forbidden(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                      MAP_FAILED))
        return 8;
    if (!is_forbidden(unlink("/tmp/no-such-file") < 0) || !is_forbidden(chdir("/") < 0))
        return 9;
    if (!is_forbidden(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0))
        return 10;
    if (!is_forbidden(dup2(0, 9) < 0) || !is_forbidden(fcntl(0, F_DUPFD, 9) < 0))
        return 11;
    return 0;
}

static void forbids_files_sockets_programs_and_processes(void **state)
{
    int signal;

    (void)state;
    assert_int_equal(behind_the_walls(try_everything, &signal), 0);
}

static void *nothing(void *data) { return data; }

static int use_what_is_left(void)
{
    pthread_t thread;
    void *memory = malloc(64 << 20), *back = NULL;

    if (!memory)
        return 1;
    free(memory);
    if (pthread_create(&thread, NULL, nothing, &back) || pthread_join(thread, &back) || back != &back)
        return 2;
    return clock() == (clock_t)-1 ? 3 : 0;
}

static void leaves_memory_threads_and_time(void **state)
{
    int signal;

    (void)state;
    assert_int_equal(behind_the_walls(use_what_is_left, &signal), 0);
}

static int use_no_end_of_time(void)
{
    decoder_jail_allow(1);
    for (volatile unsigned i = 1; i; i |= 2)
        ;
    return 0;
}

static void ends_what_computes_for_too_long(void **state)
{
    int signal;

    (void)state;
    assert_int_equal(behind_the_walls(use_no_end_of_time, &signal), -1);
    assert_true(signal == SIGXCPU || signal == SIGALRM);
}

static int wait_for_ever(void)
{
    decoder_jail_allow(1);
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = 100}, NULL) == 0)
        ;
    return 0;
}

static void ends_what_waits_for_ever(void **state)
{
    int signal;

    (void)state;
    assert_int_equal(behind_the_walls(wait_for_ever, &signal), -1);
    assert_int_equal(signal, SIGALRM);
}

static int limits_stand(void)
{
    struct rlimit core, files;

    return getrlimit(RLIMIT_CORE, &core) || getrlimit(RLIMIT_NOFILE, &files) || core.rlim_max != 0 ||
           files.rlim_max > 16;
}

static void sets_limits_that_cannot_be_raised(void **state)
{
    int signal;

    (void)state;
    assert_int_equal(behind_the_walls(limits_stand, &signal), 0);
}

static int use_no_end_of_memory(void)
{
    for (int i = 0; i < DECODER_MEMORY_MIB / 16 + 1; i++) {
        char *memory = malloc(16 << 20);
        if (!memory)
            return 77;
        for (size_t at = 0; at < 16 << 20; at += 4096)
            ((volatile char *)memory)[at] = 1;
    }
    return 0;
}

static void has_an_end_of_memory(void **state)
{
    int signal;

    (void)state;
    if (DECODER_JAIL_SANITIZED)
        skip();
    assert_int_equal(behind_the_walls(use_no_end_of_memory, &signal), 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forbids_files_sockets_programs_and_processes),
        cmocka_unit_test(leaves_memory_threads_and_time),
        cmocka_unit_test(ends_what_computes_for_too_long),
        cmocka_unit_test(ends_what_waits_for_ever),
        cmocka_unit_test(sets_limits_that_cannot_be_raised),
        cmocka_unit_test(has_an_end_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
