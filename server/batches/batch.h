#pragma once
/* A batch: up to 50 prompts with one set of parameters. Each that can be made is a generation of its own (in the batch
   lane), and succeeds or fails by itself; the others are kept beside them with what was wrong. Its JSON is in
   batch_write.h, its statements that change something in batch_change.h. */
#include "generations/generation.h"

enum { BATCH_MAX = 50 };

/* Texts are borrowed from the row. Every one of total is either refused, or counted by how its generation is. */
struct batch {
    struct uuid id, avatar_id;
    bool avatar_deleted, is_sequential, cancel_requested;
    int64_t total, refused, pending, running, completed, failed, cancelled; /* pending: not sent; running: sent */
    int64_t held_back;      /* of pending: those of a sequential one that are not in the queue yet */
    int64_t cost, reserved; /* credits: reserved or charged so far; reserved when it was made */
    int64_t num_images;     /* of each */
    const char *preset;
    const char *waiting_for;    /* a message's code when the provider is away; NULL: it is not, or nothing waits */
    int64_t ahead;              /* how many are served before the last of it in the queue; -1: none is in it */
    double usual_s, sent_ago_s; /* of one generation; since the last was sent, 0: none is on its way */
    int64_t slots;
    char created_at[ROW_TIME_ROOM], finished_at[ROW_TIME_ROOM]; /* finished_at "": not yet */
};

/* running, completed (all have ended, however), cancelled (the same, and a cancel ended some). */
const char *batch_status(const struct batch *batch);
bool batch_has_ended(const struct batch *batch);
/* In percent, from the counts alone; 100 only when all have ended. */
int batch_progress(const struct batch *batch);
/* Until the last has usually ended: at least 1; -1 when it has, or when nobody can know. */
int64_t batch_seconds_left(const struct batch *batch);

/* Rows for batch_from_row; none: missing or somebody else's. */
struct query batch_by_id(struct uuid user, struct uuid id);
/* The newest first; after "": the first page. */
struct query batches_of(struct uuid user, struct uuid after, int64_t limit);
struct batch batch_from_row(struct row row);

/* As pages show it. Texts are borrowed from the row. */
struct batch_shown {
    const char *avatar_name; /* also of a deleted one */
    struct text made, today; /* "2026-11-20 14:03:22", "2026-11-20" in the reader's zone */
    struct batch batch;
};

/* time_zone is borrowed, and one that the database knows. A row for batch_shown_from_row, or none. */
struct query batch_shown(struct uuid user, struct uuid id, const char *time_zone);
struct batch_shown batch_shown_from_row(struct row row);

/* One prompt. Texts are borrowed from the row. */
struct batch_item {
    int64_t position; /* from 0, as in the request */
    const char *prompt;
    const char *error_code; /* of a refused one; NULL: it became a generation */
    const char *category;   /* of what moderation refused; NULL: of nothing else */
    struct generation generation;
};

/* In their order, for batch_item_from_row. A generation's place in the queue is not counted. */
struct query batch_items(struct uuid user, struct uuid batch);
struct batch_item batch_item_from_row(struct row row);

/* Rows for image_from_row, in the order of the items. */
struct query batch_images(struct uuid user, struct uuid batch);
