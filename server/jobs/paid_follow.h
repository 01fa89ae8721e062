#pragma once
/* How an accepted request is getting on, of whatever kind: what the provider says, and what that means. */
#include "fal/fal.h"
#include "jobs/workers.h"

struct paid_request {
    struct fal *fal;
    struct fal_ticket ticket;
    int64_t id;            /* of the attempt, for the log */
    int64_t age_s;         /* since it was sent */
    int64_t give_up_s;     /* far beyond what any of its kind takes */
    int64_t failures;      /* of its job, in a row: how often it was missing already */
    bool cancel_requested; /* passed on each time: the provider's answer decides */
    bool with_logs;        /* its log lines say how far it is */
};

/* What was learnt; each member where its state has it. */
struct paid_news {
    int position; /* in the provider's queue, from 0; -1: not said */
    double share; /* of the run, by its log, 0..1; -1: not said */
    struct fal_outcome outcome;
};

enum paid_state {
    PAID_QUEUED,
    PAID_RUNNING,
    PAID_MADE,      /* outcome; also of one that is late, or was to be cancelled: it is paid for */
    PAID_ENDED,     /* badly: outcome.failure */
    PAID_CANCELLED, /* as it was asked */
    PAID_GONE,      /* its result was missing too often */
    PAID_LATE,      /* it is not ready after give_up_s; its end has been asked for */
    PAID_SILENT,    /* nothing was learnt: no failure of the job */
    PAID_MISSING,   /* paid for, and not there, or late and nothing was learnt: a failure of the job, in *reterr; for a
                       minute or two it may be theirs */
};

enum { PAID_CANCEL_HURRY_S = 60 /* after that a cancel is repeated as rarely as the look */ };

/* ret_next has the delay until the next look; changed when the request has ended, or nothing was learnt. */
enum paid_state paid_follow(const struct paid_request *request, struct paid_news *ret, struct job_next *ret_next,
                            struct err *reterr);
