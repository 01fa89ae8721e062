#pragma once
/* What became of a paid request whose answer was lost: asked of its sender's journal, then of the provider's list. */
#include "jobs/paid_send.h"

struct paid_attempt {
    struct fal *fal;
    struct fal_sent sent; /* how it is told from others in the list */
    int64_t id;
    const char *journal; /* NULL: it had none */
    int64_t age_s, looks, late_looks;
};

enum paid_found {
    PAID_FOUND,      /* accept was called, and has written it down */
    PAID_FAILED,     /* accept was called, and could not: *reterr */
    PAID_NEVER_SENT, /* surely: it may be sent anew */
    PAID_NOT_LISTED, /* the list was read to its end, without it: to be noted, and looked for again */
    PAID_HELD,       /* nothing could be learnt this time */
    PAID_OVER,       /* its time is over, and nobody knows */
};

/* Writes down that it was accepted. False: *reterr; ERR_CONFLICT: the id is another attempt's, the search goes on. */
typedef bool (*paid_accept_fn)(void *owner, const struct fal_ticket *ticket, struct err *reterr);

/* First: FOUND, FAILED, NEVER_SENT, or HELD when the journal proves nothing. */
enum paid_found paid_search_journal(const struct job_tools *tools, const struct paid_attempt *attempt,
                                    paid_accept_fn accept, void *owner, struct err *reterr);
/* Then: all but NEVER_SENT. */
enum paid_found paid_search_list(const struct paid_attempt *attempt, paid_accept_fn accept, void *owner,
                                 struct err *reterr);
