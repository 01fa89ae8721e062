#pragma once
/* A generation as pages show it while it runs and when it has ended: templates/generation/card.mustache, and parts of
   the pages of generations. */
#include "generations/generation.h"
#include "http/call.h"
#include "view/value.h"

/* Where a picture will be: an empty frame of its shape. */
struct generation_slot {
    int64_t width, height;
};

struct generation_card {
    const char *id, *status;
    bool is_open; /* not ended: exactly one of the next five */
    bool is_pending, is_submitting, is_queued, is_running, is_storing;
    bool is_completed, is_failed, is_cancelled;
    bool is_cancelling; /* open, and its end was asked for */
    bool may_cancel;
    bool is_batch;
    const char *batch_id;            /* of the batch that it is part of; NULL: none */
    bool is_next, has_ahead, is_far; /* in our queue or the provider's: first, behind ahead, or behind too many */
    int64_t ahead;
    bool is_waiting;            /* for what happens elsewhere, and tells nobody: the page has to ask again */
    struct text waiting;        /* what keeps it, other than its turn; at NULL: nothing */
    struct text waiting_advice; /* at NULL: none */
    int64_t progress;           /* percent */
    bool is_late;               /* runs longer than usual; otherwise, while it is open, one of the next three */
    bool has_left_seconds, has_left_minutes, has_no_left; /* the last: nobody can know */
    int64_t left_seconds, left_minutes;
    int64_t usual_seconds, ran_seconds; /* for the browser, which moves the progress on */
    int64_t seconds;                    /* left, not rounded; has_no_left: none */
    bool is_reserved, is_charged, is_charged_in_part, is_free, is_free_late; /* exactly one */
    int64_t reserved, charged;                                               /* credits */
    int64_t delivered;                                                       /* pictures, also deleted ones */
    const char *prompt, *preset;                                             /* the preset's title */
    char shape[32];                                                          /* "1024×768" */
    int64_t num_images;
    int64_t width, height;            /* of the slots */
    struct text why, advice;          /* of a failed one; at NULL: none */
    const char *created_at, *done_at; /* RFC 3339; done_at "": not ended */
};

extern const struct view_type generation_card_type;

/* Borrows generation and its texts: all must live until the page is written. */
struct generation_card generation_card_of(const struct call *call, const struct generation *generation);
