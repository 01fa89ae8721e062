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
    bool has_ahead; /* requests before it in the provider's queue */
    int64_t ahead;
    int64_t progress; /* percent */
    bool is_late;     /* runs longer than usual; otherwise, while it is open, one of left_seconds and left_minutes */
    bool has_left_seconds, has_left_minutes;
    int64_t left_seconds, left_minutes;
    int64_t expected_seconds, ran_seconds; /* for the browser, which moves the progress on */
    const char *prompt, *preset;           /* the preset's title */
    char shape[32];                        /* "1024×768" */
    int64_t num_images;
    int64_t width, height;            /* of the slots */
    struct text why, advice;          /* of a failed one; at NULL: none */
    const char *created_at, *done_at; /* RFC 3339; done_at "": not ended */
};

extern const struct view_type generation_card_type;

/* Borrows generation and its texts: all must live until the page is written. */
struct generation_card generation_card_of(const struct call *call, const struct generation *generation);
