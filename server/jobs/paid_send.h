#pragma once
/* Sending a paid request, once: what every kind of paid work has in common. The attempt stands committed in the
   database before paid_send_once is called; what its answer means for the work is its caller's to write down. */
#include "fal/fal.h"
#include "jobs/journal.h"
#include "jobs/workers.h"

/* Of the search for an attempt whose answer was lost: the window in which it must have been listed, from its sending.
 */
enum { PAID_WINDOW_S = 500, PAID_LISTED_S = 440 };

struct paid_send {
    struct fal *fal;
    const char *endpoint;
    struct text input;       /* JSON, whole */
    const char *webhook_url; /* NULL: none */
    int start_timeout_s;     /* as fal_submit */
    int64_t id;              /* of the attempt: what journals and webhooks call it */
    int64_t begun_ms;        /* paid_send_clock_ms from before the attempt was committed */
    bool troubled;           /* a breaker on its way is not quite closed: good news is told, too */
};

/* Counts the time that the machine sleeps, too. */
int64_t paid_send_clock_ms(void);
/* The attempt is noted in the journal right before its first byte; nothing is sent by a process that has slept since
   the attempt was begun. The id of an accepted one is on the disk when this returns; the breakers know how it went. */
enum fal_submitted paid_send_once(const struct job_tools *tools, const struct paid_send *send, struct fal_ticket *ret,
                                  struct err *reterr);
/* With patience: what is not written down must be searched for, and a broken connection is soon made anew. */
bool paid_send_write(const struct job_tools *tools, const struct query *q, struct err *reterr);
/* Until another attempt after the given number of them: the provider's wish, as far as somebody who waits can be asked
   for it; else twice as long each time. */
int64_t paid_send_patience_ms(int64_t attempts, const struct fal_ticket *ticket);

/* What its sender has noted of an attempt, as far as that proves anything. journal NULL: it had none. */
enum journal_word paid_send_look(const struct job_tools *tools, const char *journal, int64_t id, int64_t age_s,
                                 char request_id[JOURNAL_ID_ROOM]);
/* When the provider's list is looked at again: early, when it may just have been listed, and late, when it must be
   known for sure. */
int64_t paid_send_next_look_ms(int64_t age_s);
/* The list was read to its end without it, now and looks times before, late_looks of them from PAID_LISTED_S on: is its
   time over? */
bool paid_send_is_over(int64_t age_s, int64_t looks, int64_t late_looks);
/* How long what cannot be looked up is held: the longest that notifications are known to be repeated. */
enum { PAID_HOLD_S = 130 * 60 };
