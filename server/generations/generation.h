#pragma once
/* A generation: one wish for 1 to 4 pictures, from request to result. */
#include "base/messages.h"
#include "base/uuid.h"
#include "db/query.h"
#include "db/rows.h"
#include "users/idempotency.h"
#include "json/json_out.h"

/* Texts are borrowed from the row. */
struct generation {
    struct uuid id, avatar_id;
    bool avatar_deleted;
    const char *status, *prompt, *final_prompt, *preset, *endpoint;
    struct text parameters; /* JSON */
    const char *seed;       /* decimal; NULL: none known */
    const char *wanted_seed;
    const char *error_code; /* NULL: none */
    const char *source;
    const char *waiting_for; /* a message's code (waiting_queue, ...), NULL: it is on its way, or has ended */
    int64_t num_images, version;
    int64_t cost, charged;  /* credits: reserved, and taken in the end; charged -1: not ended */
    bool batch;             /* not in the interactive lane */
    int64_t queue_position; /* ours while it is pending (at most 1000 are counted), then the provider's; -1: none */
    double usual_s;         /* from submission to end: as measured, or the preset's while nothing was */
    int64_t slots;          /* how many are served at the same time */
    bool cancel_requested;
    double waited_s, ran_s; /* since created_at, since started_at (0: not started) */
    double took_s;          /* from start to finish; negative: not finished */
    char created_at[ROW_TIME_ROOM], started_at[ROW_TIME_ROOM], finished_at[ROW_TIME_ROOM];
};

/* For SELECTs from generations g. */
#define GENERATION_COLUMNS                                                                                             \
    "g.id, g.avatar_id, EXISTS (SELECT 1 FROM avatars a WHERE a.id = g.avatar_id AND a.deleted_at IS NOT NULL),"       \
    " g.status, g.prompt, g.final_prompt, g.preset, g.endpoint, g.parameters, COALESCE(g.seed, g.wanted_seed),"        \
    " g.wanted_seed, g.error_code, g.source, g.num_images, g.cost, g.expected_seconds, COALESCE(g.queue_position, "    \
    "-1),"                                                                                                             \
    " extract(epoch FROM now() - g.created_at), COALESCE(extract(epoch FROM now() - g.started_at), 0),"                \
    " COALESCE(extract(epoch FROM g.finished_at - COALESCE(g.started_at, g.created_at)), -1),"                         \
    " g.created_at, g.started_at, g.finished_at, g.cancel_requested"

struct generation generation_from_row(struct row row);

/* The contract's members but for "images", into an open object. progress and eta are estimated from the status and the
   time that such a generation usually takes; they reach 100 only when it is completed. */
void generation_write(struct json_out *out, const struct generation *g, enum lang lang);
/* The same as it was when it was created: what a repeated request is answered. */
void generation_write_created(struct json_out *out, const struct generation *g, enum lang lang);

bool generation_status_is_final(const char *status);

/* Credits as the contract's "cost" says them: reserved while it runs, what was charged when it has ended. */
int64_t generation_cost(const struct generation *g);
/* Why that much: reserved, delivered, delivered_in_part, late_result (free), failed, blocked, cancelled. */
const char *generation_charge_reason(const struct generation *g);

/* What is done of it, in percent; 100 only when it is completed. */
int generation_progress(const struct generation *g);
/* Until such a generation usually ends: at least 1; -1 when it has ended. */
int64_t generation_seconds_left(const struct generation *g);

struct query generation_by_id(struct uuid user, struct uuid id);
struct query generations_of(struct uuid user, struct uuid after, int64_t limit);
/* Those that run, or failed in the last ten minutes, newest first: what a gallery has to say beside its pictures. */
struct query generations_stirring(struct uuid user, int64_t limit);

/* Pictures (rows for image_from_row) of the user's generations from newest to oldest, in that order. */
struct query images_of_generations(struct uuid user, struct uuid newest, struct uuid oldest);

/* Everything that is written when a wish is accepted; texts are borrowed. */
struct generation_new {
    struct uuid id, user, avatar;
    const struct idempotency *key;
    const char *prompt, *final_prompt, *preset, *endpoint, *parameters, *input, *source;
    int64_t num_images, cost, expected_seconds;
    bool has_seed;
    uint64_t seed;
};

enum { GENERATIONS_MAX_OPEN = 1000 }; /* unfinished ones of a user */

/* Generation, job, event and idempotency key in one statement. No row: the key is taken, the avatar is no longer
   there, or the user has GENERATIONS_MAX_OPEN. */
struct query generation_insert(const struct generation_new *new);
/* One row, one column: how many unfinished ones the user has. */
struct query generations_open_count(struct uuid user);
/* Ends one that was not sent yet; asks for the end of one that was. No row: there is none, or it is final (see its
   status with generation_by_id). */
struct query generation_cancel(struct uuid user, struct uuid id);
