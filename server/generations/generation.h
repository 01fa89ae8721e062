#pragma once
/* A generation: one wish for 1 to 4 pictures, from request to result. Its statements that change something are in
   generation_change.c, its JSON is written in generation_write.c. */
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
    const char *template_id;                      /* a style's; NULL: none */
    struct uuid batch_id, parent_image, retry_of; /* "": none; the picture and the generation may be gone */
    const char *waiting_for; /* a message's code (waiting_queue, ...), NULL: it is on its way, or has ended */
    int64_t num_images, version;
    int64_t cost, charged;  /* credits: reserved, and taken in the end; charged -1: not ended */
    bool batch;             /* not in the interactive lane */
    int64_t queue_position; /* ours while it is pending (GENERATION_AHEAD_MAX: that many or more), then the provider's;
                               -1: none */
    double usual_s;         /* from submission to end: as measured, or the preset's while nothing was */
    int64_t slots;          /* how many are served at the same time */
    bool cancel_requested;
    double waited_s, sent_s, ran_s; /* since created_at, since its submission, since started_at; 0: not yet */
    double took_s;                  /* from start to finish; negative: not finished */
    char created_at[ROW_TIME_ROOM], started_at[ROW_TIME_ROOM], finished_at[ROW_TIME_ROOM];
};

enum { GENERATION_AHEAD_MAX = 1000 };

/* As it is written down; g is a row of generations or of a part of the statement that has all its columns. */
#define GENERATION_STORED                                                                                              \
    "g.id, g.avatar_id, EXISTS (SELECT 1 FROM avatars a WHERE a.id = g.avatar_id AND a.deleted_at IS NOT NULL),"       \
    " g.status, g.prompt, g.final_prompt, g.preset, g.endpoint, g.parameters, COALESCE(g.seed, g.wanted_seed),"        \
    " g.wanted_seed, g.error_code, g.source, g.num_images, g.version, g.cost, COALESCE(g.charged, -1), g.lane = 1,"    \
    " g.template_id, g.batch_id, g.parent_image_id, g.retry_of,"                                                       \
    " g.cancel_requested, extract(epoch FROM now() - g.created_at),"                                                   \
    " COALESCE(extract(epoch FROM now() - g.started_at), 0),"                                                          \
    " COALESCE(extract(epoch FROM g.finished_at - COALESCE(g.started_at, g.created_at)), -1),"                         \
    " g.created_at, g.started_at, g.finished_at"

/* What is to be expected of it: asked only for those that have not ended. position: of a pending one. */
#define GENERATION_OUTLOOK(position)                                                                                   \
    " CASE g.status WHEN 'pending' THEN COALESCE((SELECT CASE endpoint WHEN '' THEN 'waiting_stopped'"                 \
    " ELSE 'waiting_provider' END FROM breakers WHERE endpoint IN ('', g.endpoint) AND open_until IS NOT NULL"         \
    " ORDER BY endpoint LIMIT 1), 'waiting_queue') WHEN 'submitting' THEN (SELECT 'waiting_checked' FROM submissions"  \
    " WHERE generation_id = g.id AND state = 'unknown') END,"                                                          \
    " COALESCE(CASE g.status WHEN 'pending' THEN " position " WHEN 'queued' THEN g.queue_position END, -1),"           \
    " CASE WHEN g.status IN ('submitting', 'queued', 'running') THEN COALESCE((SELECT extract(epoch FROM now()"        \
    " - max(sent_at)) FROM submissions WHERE generation_id = g.id), 0) ELSE 0 END,"                                    \
    " CASE WHEN g.charged IS NULL THEN COALESCE((SELECT seconds FROM paces WHERE endpoint = g.endpoint"                \
    " AND preset = g.preset AND num_images = g.num_images AND measured >= 3), g.expected_seconds)"                     \
    " ELSE g.expected_seconds END,"                                                                                    \
    " CASE g.status WHEN 'pending' THEN (SELECT slots FROM admission) ELSE 1 END"

/* For SELECTs from generations g. */
#define GENERATION_COLUMNS GENERATION_STORED "," GENERATION_OUTLOOK("generation_ahead(g)")

struct generation generation_from_row(struct row row);

/* The contract's members but for "images", into an open object (generation_write.c). */
void generation_write(struct json_out *out, const struct generation *g, enum lang lang);
/* The same as it was when it was created, however it has gone on: what every request with its key is answered. */
void generation_write_created(struct json_out *out, const struct generation *g, enum lang lang);

bool generation_status_is_final(const char *status);
/* The same in statements: status IN GENERATION_FINAL. */
#define GENERATION_FINAL "('completed', 'failed', 'cancelled')"

/* Credits as the contract's "cost" says them: reserved while it runs, what was charged when it has ended. */
int64_t generation_cost(const struct generation *g);
/* Why that much: reserved, delivered, delivered_in_part, late_result (free), failed, blocked, cancelled. */
const char *generation_charge_reason(const struct generation *g);

/* What is done of it, in percent; 100 only when it is completed. */
int generation_progress(const struct generation *g);
/* As it is so much later, if nothing has changed but the time. */
void generation_grow_older(struct generation *g, double seconds);
/* Until such a generation usually ends, with its wait: at least 1; -1 when it has ended, or when nobody can know: the
   provider is away, the attempt is being looked for, or too many are before it to be counted. */
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
    const char *template_id, *template_variant; /* NULL: none */
    struct uuid parent_image, retry_of;         /* "": none */
    struct uuid source_image;                   /* the picture that is sent along; "": none */
    int64_t num_images, cost, expected_seconds;
    bool batch, has_seed;
    uint64_t seed;
};

enum { GENERATIONS_MAX_OPEN = 10000 }; /* unfinished ones of a user */

/* Generation, place in the queue, reservation of its cost, event and idempotency key in one statement. No row: the key
   is taken, or something is in the way (generation_obstacles). */
struct query generation_insert(const struct generation_new *new);

/* What a wish was refused for. Each may have gone when this is asked. */
struct generation_obstacles {
    bool has_account, has_avatar;
    int64_t available, unfinished;
};
struct query generation_obstacles(struct uuid user, struct uuid avatar); /* one row */
struct generation_obstacles generation_obstacles_from_row(struct row row);

/* Ends one that was not sent yet; asks for the end of one that was. No row: there is none, or it is final (see its
   status with generation_by_id). */
struct query generation_cancel(struct uuid user, struct uuid id);
