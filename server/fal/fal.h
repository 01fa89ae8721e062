#pragma once
/* fal.ai's queue: submit a job, follow it, fetch what it made. Blocking; one struct fal per worker thread.
 *
 * A submission is paid and has no idempotency key: it is sent once, over its own connection, and never repeated here.
 * Neither inputs nor bodies of answers are kept in errors or logged: they carry what users typed. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "fal/fal_outcome.h"

enum { FAL_ENDPOINT_ROOM = 128, FAL_ID_ROOM = 64, FAL_URL_ROOM = 512 };

struct fal_config {
    const char *queue_url, *rest_url, *platform_url; /* without a slash at the end */
    const char *key;                                 /* "id:secret" */
    const char *media_hosts;                         /* "fal.media,*.fal.media" */
    bool loopback;           /* a simulator: the URLs may be http, and media may come from them */
    const atomic_bool *stop; /* true ends what is running within about a second; may be NULL */
};

struct fal;
/* Copies the configuration, but not what stop points to. NULL: something in it is wrong. */
struct fal *fal_open(const struct fal_config *config, struct err *reterr);
void fal_close(struct fal *fal); /* NULL is fine */

/* One accepted request. A URL that is "" or off the queue's origin is replaced by the one built from the endpoint and
   the id, so a ticket from a row is good when it has those two. */
struct fal_ticket {
    char endpoint[FAL_ENDPOINT_ROOM];
    char request_id[FAL_ID_ROOM];
    char status_url[FAL_URL_ROOM], response_url[FAL_URL_ROOM], cancel_url[FAL_URL_ROOM];
    int retry_after_s; /* with FAL_NOT_ACCEPTED: their wish, 0 when they have none */
};

/* A ticket of what is known of a request; NULL: nothing. */
struct fal_ticket fal_ticket_of(const char *endpoint, const char *request_id, const char *status_url,
                                const char *response_url, const char *cancel_url);

enum fal_submitted {
    FAL_ACCEPTED,     /* the ticket is filled: write it down before anything else */
    FAL_NOT_ACCEPTED, /* surely not; may be tried again later */
    FAL_REFUSED,      /* for good: reterr->code is one of fal_failure_code, its detail their word for it */
    FAL_STOP,         /* key or balance refused: nothing else will be accepted either */
    FAL_AMBIGUOUS,    /* it may have been accepted: find out, do not repeat */
};

/* may_send is asked from within every fal_submit to come, on its open connection, right before the first byte goes out;
   false: nothing is sent, FAL_NOT_ACCEPTED. NULL: nobody is asked. */
void fal_guard(struct fal *fal, bool (*may_send)(void *owner), void *owner);

/* endpoint is "owner/alias[/path]"; input is the model's JSON; webhook_url may be NULL; start_timeout_s (> 1) is how
   long it may wait in their queue before it fails with provider_timeout. */
enum fal_submitted fal_submit(struct fal *fal, const char *endpoint, struct text input, const char *webhook_url,
                              int start_timeout_s, struct fal_ticket *ret, struct err *reterr);

enum fal_state {
    FAL_QUEUED,
    FAL_RUNNING,
    FAL_COMPLETED,   /* well or badly: fal_result tells */
    FAL_LOST,        /* they do not know it (any more) */
    FAL_UNREACHABLE, /* nothing learnt; reterr says why */
};
/* *ret_position is the place in the queue, counted from 0; -1: not said. */
enum fal_state fal_status(struct fal *fal, const struct fal_ticket *ticket, int *ret_position, struct err *reterr);

enum fal_result {
    FAL_RESULT_READY,
    FAL_RESULT_FAILED, /* see ret->failure */
    FAL_RESULT_NOT_YET,
    FAL_RESULT_UNREACHABLE, /* nothing learnt; reterr says why */
};
/* They keep results for minutes to an hour only. */
enum fal_result fal_result(struct fal *fal, const struct fal_ticket *ticket, struct fal_outcome *ret,
                           struct err *reterr);

enum fal_cancelled {
    FAL_CANCEL_REQUESTED, /* it may still finish: only a state or a result is certain */
    FAL_CANCEL_TOO_LATE,
    FAL_CANCEL_NOT_FOUND,
    FAL_CANCEL_UNREACHABLE,
};
enum fal_cancelled fal_cancel(struct fal *fal, const struct fal_ticket *ticket, struct err *reterr);

enum fal_found {
    FAL_FOUND,
    FAL_NOT_LISTED, /* the whole listing was read; requests that still run may be missing from it */
    FAL_LISTING_UNREACHABLE,
};
/* A submission whose answer was lost, and how it is told from all others: by its seed, or, where there is none, by a
   marker: a text that only this attempt's input has, and no part of which is another's marker. */
struct fal_sent {
    const char *endpoint;
    uint64_t seed;
    const char *marker; /* stands somewhere in one of the input's texts, and the seed is not looked at; NULL: by seed */
    struct text input;  /* JSON, as it was sent, but for the seed; "": the seed is so rare that it is enough */
    int64_t since_s;    /* since 1970 */
};
/* Is it the one? False: it belongs to another submission like this one, and the search goes on. */
typedef bool (*fal_take_fn)(void *owner, const char *request_id);
/* Looks through what the account sent to the endpoint since then for inputs like this one. Clients choose seeds, too,
   and many choose the same: then everything else must also be the same. */
enum fal_found fal_find(struct fal *fal, const struct fal_sent *sent, fal_take_fn take, void *owner,
                        struct err *reterr);

/* A result's file, without our key, from listed public hosts only. *ret is made here and is the caller's to end
   (buf_done), also on false. Errors: fal_media_gone (404, 410), fal_media_failed, or those of fetch_do. */
bool fal_download(struct fal *fal, const char *url, size_t max_bytes, struct buf *ret, struct err *reterr);

/* fal.ai's own storage, for when ours cannot be reached from there: uploads bytes [0, bytes) of a file and fills *ret
   with the address to use as input. It expires after lifetime_s. Errors: fal_upload_failed, or those of fetch_do. */
bool fal_upload(struct fal *fal, int fd, int64_t bytes, const char *content_type, const char *file_name, int lifetime_s,
                char ret[FAL_URL_ROOM], struct err *reterr);

/* As fal_download, in pieces, however large: into a file, with its SHA-256. */
struct fal_file {
    int64_t bytes;
    unsigned char sha256[32];
};
bool fal_download_to(struct fal *fal, const char *url, int64_t max_bytes, int fd, struct fal_file *ret,
                     struct err *reterr);

/* As fal_status, with the furthest "step n/m" (or "n%|") of the log lines in *ret_share, 0..1; -1: none says so. */
enum fal_state fal_status_logs(struct fal *fal, const struct fal_ticket *ticket, int *ret_position, double *ret_share,
                               struct err *reterr);
