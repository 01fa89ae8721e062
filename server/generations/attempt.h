#pragma once
/* One attempt to have a generation made by the provider, and what becomes of it: the statements that move a generation
   from state to state. Each is one statement under the job's epoch ("held"): no row comes back when the claim was lost
   or the state was not the expected one. What follows from a move (version, event, slot, credits) follows in the
   database, in the same transaction: see the trigger in migrations/0010_moves.sql.
 *
 *   pending ── attempt_begin ──> submitting ── attempt_accepted ──> queued ── generation_seen ──> running
 *    ^  ^                           │ │ │                              └────── generation_made ──────┘
 *    │  └──── attempt_rejected ─────┘ │ └─ attempt_unknown (stays: held until it is found, or    v
 *    └─────── attempt_abandoned ──────┤    surely was not accepted, or its time is over)      storing ── completed
 *                                     └─ attempt_review ──> failed (what is dear is never sent twice)
 *
 * A paid request goes out only after attempt_begin has committed, and the database allows one open attempt. */
#include "db/pg.h"
#include "fal/fal.h"
#include "jobs/job.h"

/* Texts are borrowed from the row. */
struct attempt {
    const char *status;
    struct uuid user;
    const char *endpoint;
    const char *endpoint_state;           /* as operators have switched it at this moment; NULL: nobody has */
    struct text input;                    /* JSON without the seed, and without the picture that is sent along */
    bool has_source;                      /* a picture is to be sent along */
    const char *source_key, *source_type; /* the object and its content type; NULL: it is deleted, or in quarantine */
    const char *source_url;               /* where the provider found it in the latest attempt; NULL: none yet */
    bool has_wanted_seed;
    uint64_t wanted_seed;
    bool cancel_requested;
    int64_t waited_s; /* since it was asked for */
    int64_t cost;     /* credits */
    bool has_slot;    /* it may be at the provider */
    bool has_result;  /* the provider made something that is not stored yet */
    bool troubled;    /* a breaker on its way is not quite closed */
    /* of the open submission, else of the last; id 0: none yet */
    int64_t id;
    int64_t number; /* from 1 */
    const char *state;
    uint64_t seed;
    const char *journal;                                             /* NULL: none */
    const char *request_id, *status_url, *response_url, *cancel_url; /* NULL: unknown */
    int64_t sent_at_s;                                               /* since 1970 */
    int64_t age_s;
    int64_t looks, late_looks; /* answers of the provider's list without it; those from PAID_LISTED_S on */
};

struct query attempt_load(struct uuid generation);
struct attempt attempt_from_row(struct row row);

/* Where the provider will find the picture, before the attempt that sends it. No row also when it is not pending. */
struct query attempt_source(const struct job *job, const char *url);
/* While something is in the way of its attempt that others need not wait for. Its job stays. */
struct query attempt_slot_back(const struct job *job);
/* One row: the submission's id. No row also when the generation has no slot.
   journal: the name of the file in which the sending of its first byte is noted; NULL: none. */
struct query attempt_begin(const struct job *job, uint64_t seed, const char *journal);
/* Also when the claim was lost: the id is a fact, and is written down whatever happened since. */
struct query attempt_accepted(struct uuid generation, int64_t id, const struct fal_ticket *ticket);
struct query attempt_rejected(const struct job *job, int64_t id);
/* Gives the slot back: what is only searched for must not hold up the line. */
struct query attempt_unknown(const struct job *job, int64_t id);
/* The provider's list was read to its end, without it. */
struct query attempt_looked(const struct job *job, int64_t id);
/* Its time is over: another may be sent. Should it have been accepted after all, its notification is still taken. */
struct query attempt_abandoned(const struct job *job, int64_t id);
/* Its time is over, and no other may be sent: the generation fails. */
struct query attempt_review(const struct job *job, int64_t id);
/* Back into the queue, and the job with it: it is made anew when its turn comes. */
struct query generation_requeue(const struct job *job);

/* The provider's word on one that it works on: queued at a position (from 0), or running (-1). */
struct query generation_seen(const struct job *job, bool running, int position);
/* outputs: JSON [{"position","image_id","url","nsfw"}]. */
struct query generation_made(const struct job *job, uint64_t seed, const char *outputs);
struct query generation_failed(const struct job *job, const char *code);
struct query generation_cancelled(const struct job *job);
/* The last statement of the transaction that stores the images: the job is held by it. Also of one that had failed: a
   late result is free. One all of whose pictures are in quarantine fails (nsfw_result), and keeps them. */
struct query generation_completed(const struct job *job);

/* What a verified notification says, whatever its worker does at the time: whose request it is, that it has ended (ok
   or not), and what it made (outputs as above, seed in decimal; NULL: the worker is to look). What comes for a failed
   generation is kept for its gallery, for a cancelled one dropped. One row when it was news. */
struct query attempt_notified(int64_t id, const char *request_id, bool ok, const char *seed, const char *outputs);
/* The same for one that only names a request: its job looks at once. One row when there is such a job. */
struct query attempt_signalled(const char *request_id);
