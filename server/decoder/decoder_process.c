#include "decoder/decoder_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "decoder/decoder_jail.h"
#include "decoder/decoder_wire.h"
#include "image/face.h"

enum { START_MS = 30 * 1000 };

static bool failed(const char *what, int code, struct err *reterr)
{
    return err_set(reterr, ERR_INTERNAL, "decoder_failed", "%s: %s", what, strerror(code));
}

static short await_input(int socket, int64_t deadline_ms)
{
    struct pollfd poll_fd = {.fd = socket, .events = POLLIN};
    int64_t left_ms = deadline_ms - clock_monotonic_ms();
    int ready;

    do
        ready = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);
    while (ready < 0 && errno == EINTR && (left_ms = deadline_ms - clock_monotonic_ms()) > 0);
    return ready > 0 ? poll_fd.revents : 0;
}

static enum decoder_outcome receive(int socket, int64_t deadline_ms, void *to, size_t len)
{
    for (char *at = to; len;) {
        ssize_t got;
        if (!await_input(socket, deadline_ms))
            return DECODER_OVERRAN;
        got = recv(socket, at, len, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return DECODER_DIED;
        if (got > 0) {
            at += got;
            len -= (size_t)got;
        }
    }
    return DECODER_ANSWERED;
}

/* /proc/self/exe is the program that runs even after an upgrade has replaced its file: both ends must be of one
   version. Of the environment, with all its secrets, nothing is handed on. VIPS_NOVECTOR: code that libvips would make
   at run time needs memory that can be written and run, which the walls do not allow. MALLOC_ARENA_MAX: with a heap for
   each of the library's threads it would need twice the memory. A sanitizer knows nothing of locks in libraries. */
static int spawn(int socket, const char *program, const char *models, pid_t *ret)
{
    char *const environment[] = {
        (char *)"LC_ALL=C.UTF-8", (char *)"VIPS_NOVECTOR=1", (char *)"MALLOC_ARENA_MAX=1",
        DECODER_JAIL_SANITIZED ? (char *)"TSAN_OPTIONS=ignore_noninstrumented_modules=1" : NULL, NULL};
    char *const arguments[] = {(char *)program, (char *)"decoder", (char *)models, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int code;

    (void)sigemptyset(&none);
    if ((code = posix_spawn_file_actions_init(&actions)))
        return code;
    if ((code = posix_spawnattr_init(&attributes))) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return code;
    }
    /* Its own group: a Ctrl+C at the terminal is for the server, which ends it in its own time. */
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    if (!(code = posix_spawn_file_actions_adddup2(&actions, socket, DECODER_SOCKET)))
        code = posix_spawn(ret, "/proc/self/exe", &actions, &attributes, arguments, environment);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

static bool is_ready(struct decoder_process *process)
{
    char word = 0;

    return receive(process->socket, clock_monotonic_ms() + START_MS, &word, 1) == DECODER_ANSWERED &&
           word == DECODER_READY;
}

bool decoder_process_start(struct decoder_process *process, const char *program, const char *models, struct err *reterr)
{
    int ends[2], code;

    *process = (struct decoder_process){0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return failed("socketpair", errno, reterr);
    code = spawn(ends[1], program, models, &process->pid);
    (void)close(ends[1]);
    process->socket = ends[0];
    if (code) {
        (void)close(ends[0]);
        *process = (struct decoder_process){0};
        return failed("posix_spawn", code, reterr);
    }
    if (is_ready(process))
        return true;
    code = decoder_process_end(process);
    return err_set(reterr, ERR_INTERNAL, "decoder_failed", "the process ended at its start with status %d", code);
}

int decoder_process_end(struct decoder_process *process)
{
    int status = 0;

    if (!process->pid)
        return 0;
    (void)kill(process->pid, SIGKILL); /* if it ends by itself already, that remains its status */
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        ;
    (void)close(process->socket);
    *process = (struct decoder_process){0};
    return status;
}

static enum decoder_outcome hand_over(int socket, const struct decoder_photo *photo)
{
    struct decoder_request request = {photo->from, photo->len, photo->look_for_faces};
    struct iovec part = {&request, sizeof request};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {{0}};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    ssize_t sent;

    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &photo->fd, sizeof(int));
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EPIPE || errno == ECONNRESET ? DECODER_ABSENT : DECODER_UNABLE;
    return sent == (ssize_t)sizeof request ? DECODER_ANSWERED : DECODER_UNABLE;
}

static bool is_within(double value, double least, double most) { return value >= least && value <= most; } /* no NaN */

static bool facts_make_sense(const struct photo_facts *facts)
{
    return is_within(facts->width, PHOTO_MIN_SIDE, IMAGE_MAX_PIXELS) &&
           is_within(facts->height, PHOTO_MIN_SIDE, IMAGE_MAX_PIXELS) && is_within(facts->face_count, -1, FACE_MAX) &&
           is_within(facts->face_share, 0, 1) && is_within(facts->clipped, 0, 1) &&
           is_within(facts->brightness, 0, 255) && is_within(facts->sharpness, -3, 10) &&
           is_within(facts->placeholder_len, 5, IMAGE_PLACEHOLDER_ROOM);
}

/* A picture may have taken its decoder over: nothing of the answer is believed that could harm the server. */
static bool makes_sense(const struct decoder_answer *answer)
{
    if (!answer->ok)
        return memchr(answer->code, 0, sizeof answer->code) && memchr(answer->detail, 0, sizeof answer->detail);
    return is_within(answer->clean_len, 3, DECODER_CLEAN_MAX) && is_within(answer->small_len, 4, DECODER_SMALL_MAX) &&
           facts_make_sense(&answer->facts);
}

static void make_printable(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

static bool is_known(const char *code)
{
    static const char *const CODES[] = {"unsupported_format", "heic_not_supported", "too_small", "too_many_pixels",
                                        "corrupt"};

    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (strcmp(code, CODES[i]) == 0)
            return true;
    return false;
}

static enum decoder_outcome receive_files(int socket, int64_t deadline_ms, const struct decoder_answer *answer,
                                          struct photo_files *ret)
{
    enum decoder_outcome outcome;

    *ret = (struct photo_files){
        .facts = answer->facts, .clean = buf_make(DECODER_CLEAN_MAX), .small = buf_make(DECODER_SMALL_MAX)};
    outcome = receive(socket, deadline_ms, buf_reserve(&ret->clean, answer->clean_len), answer->clean_len);
    if (outcome == DECODER_ANSWERED)
        outcome = receive(socket, deadline_ms, buf_reserve(&ret->small, answer->small_len), answer->small_len);
    ret->clean.len = answer->clean_len;
    ret->small.len = answer->small_len;
    if (outcome == DECODER_ANSWERED &&
        (memcmp(ret->clean.bytes, "\xff\xd8\xff", 3) != 0 || memcmp(ret->small.bytes, "RIFF", 4) != 0))
        outcome = DECODER_UNABLE;
    if (outcome != DECODER_ANSWERED)
        photo_files_done(ret);
    return outcome;
}

enum decoder_outcome decoder_process_examine(struct decoder_process *process, const struct decoder_photo *photo,
                                             struct photo_files *ret, bool *ret_taken, struct err *reterr)
{
    int64_t deadline_ms = clock_monotonic_ms() + DECODER_PHOTO_S * 1000;
    struct decoder_answer answer;
    enum decoder_outcome outcome;

    *ret_taken = false;
    if (await_input(process->socket, 0)) /* it has nothing to say unasked: it is gone, or mad */
        return DECODER_ABSENT;
    if ((outcome = hand_over(process->socket, photo)) != DECODER_ANSWERED ||
        (outcome = receive(process->socket, deadline_ms, &answer, sizeof answer)) != DECODER_ANSWERED)
        return outcome;
    if (!makes_sense(&answer))
        return DECODER_UNABLE;
    process->examined++;
    if (!answer.ok) {
        if (!is_known(answer.code))
            return DECODER_UNABLE;
        make_printable(answer.detail);
        (void)err_set(reterr, ERR_UPSTREAM, answer.code, "%s", answer.detail);
        return DECODER_ANSWERED;
    }
    outcome = receive_files(process->socket, deadline_ms, &answer, ret);
    *ret_taken = outcome == DECODER_ANSWERED;
    return outcome;
}
