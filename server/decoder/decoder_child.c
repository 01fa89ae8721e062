/* The process that decodes: one photo after the other, until its socket ends. */
#define _GNU_SOURCE /* close_range */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "decoder/decoder.h"
#include "decoder/decoder_jail.h"
#include "decoder/decoder_wire.h"
#include "image/face.h"

/* -1: the server has closed its end, or says something else than a request. */
static int receive_request(struct decoder_request *ret)
{
    struct iovec part = {ret, sizeof *ret};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {{0}};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *rights;
    ssize_t got;
    int fd;

    do
        got = recvmsg(DECODER_SOCKET, &message, MSG_WAITALL | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    rights = got == (ssize_t)sizeof *ret ? CMSG_FIRSTHDR(&message) : NULL;
    if (!rights || rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN(sizeof(int)))
        return -1;
    memcpy(&fd, CMSG_DATA(rights), sizeof fd);
    return fd;
}

static bool send_all(const void *bytes, size_t len)
{
    for (const char *at = bytes; len;) {
        ssize_t sent = send(DECODER_SOCKET, at, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            at += sent;
            len -= (size_t)sent;
        }
    }
    return true;
}

/* False: shorter than it was said to be, which the server sees as a photo that is cut short. */
static bool read_photo(int fd, const struct decoder_request *request, struct buf *to)
{
    char *room = request->len >= 0 && request->len <= IMAGE_MAX_BYTES ? buf_reserve(to, (size_t)request->len) : NULL;
    size_t len = (size_t)request->len;

    while (room && to->len < len) {
        ssize_t got = pread(fd, to->bytes + to->len, len - to->len, (off_t)(request->from + (int64_t)to->len));
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0)
            to->len += (size_t)got;
    }
    return room;
}

static bool answer(bool ok, const struct photo_files *files, const struct err *err)
{
    struct decoder_answer answer = {.ok = ok};

    if (ok) {
        answer.facts = files->facts;
        answer.clean_len = (uint32_t)files->clean.len;
        answer.small_len = (uint32_t)files->small.len;
        return send_all(&answer, sizeof answer) && send_all(files->clean.bytes, files->clean.len) &&
               send_all(files->small.bytes, files->small.len);
    }
    memcpy(answer.code, err->code, sizeof answer.code);
    memcpy(answer.detail, err->detail, sizeof answer.detail);
    return send_all(&answer, sizeof answer);
}

static bool examine(int fd, const struct decoder_request *request, struct face_finder *faces)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(IMAGE_MAX_BYTES);
    struct photo_files files = {0};
    struct err err = {0};
    bool ok = read_photo(fd, request, &bytes), sent;

    (void)close(fd);
    if (!ok)
        (void)err_set(&err, ERR_UPSTREAM, "corrupt", "%lld bytes could not be read", (long long)request->len);
    ok = ok &&
         photo_examine((struct text){bytes.bytes, bytes.len}, request->look_for_faces ? faces : NULL, &files, &err);
    sent = answer(ok, &files, &err);
    if (ok)
        photo_files_done(&files);
    return sent;
}

static bool prepare(const char *program, const char *models, struct face_finder **ret, struct err *reterr)
{
    if (close_range(DECODER_SOCKET + 3, ~0U, 0))
        return err_set(reterr, ERR_INTERNAL, "decoder_failed", "close_range: %s", strerror(errno));
    *ret = face_finder_open(models, reterr);
    return *ret && image_start(program, reterr) && decoder_jail_enter(reterr);
}

int decoder_main(const char *program, const char *models)
{
    struct face_finder *faces;
    struct decoder_request request;
    struct err err;
    int fd;

    (void)setpriority(PRIO_PROCESS, 0, DECODER_NICE); /* who waits for a page goes first */
    if (!prepare(program, models, &faces, &err)) {
        log_write(LOG_ERROR, "decoder_not_started", "code=%s reason=%s", err.code, LOG_QUOTE(err.detail));
        return 1;
    }
    if (!send_all(&(char){DECODER_READY}, 1))
        return 1;
    while ((fd = receive_request(&request)) >= 0) {
        decoder_jail_allow(DECODER_CPU_S);
        if (!examine(fd, &request, faces))
            break;
        (void)malloc_trim(0); /* it may be long until the next one */
        decoder_jail_allow(0);
    }
    _exit(0); /* what runs at an exit, a sanitizer's search for leaks above all, has no room behind the walls */
}
