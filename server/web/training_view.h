#pragma once
/* The training of an avatar on its page: the one that runs, how the last one ended, and what a new one would be. */
#include "avatars/avatar.h"
#include "http/call.h"
#include "trainings/training.h"
#include "users/account.h"
#include "view/value.h"

/* One that runs. */
struct training_view {
    const char *status;
    bool is_pending, is_submitting, is_queued, is_running, is_storing; /* exactly one */
    bool is_cancelling, may_cancel;                                    /* exactly one */
    bool is_next, has_ahead;                                           /* in the provider's queue: first, or behind */
    int64_t ahead;
    int64_t progress;                                     /* percent */
    bool has_left_seconds, has_left_minutes, has_no_left; /* exactly one; the last: nobody can know */
    int64_t left_seconds, left_minutes;
    int64_t seconds; /* left, not rounded; has_no_left: none */
    const char *preset;
    int64_t photos, reserved;            /* how many it learns from; credits */
    struct text waiting, waiting_advice; /* what keeps it, other than its own work; at NULL: nothing */
    bool is_waiting;                     /* that happens elsewhere and tells nobody: the page has to ask again */
};

extern const struct view_type training_view_type;

/* Borrows the training. */
struct training_view training_view_of(const struct call *call, const struct training *training);

/* What may be begun. */
struct train_view {
    struct view_items presets;
    const char *endpoint; /* the provider's trainer */
    int64_t available;    /* credits */
    int64_t price;        /* of the cheapest */
    bool is_short;        /* not even that can be paid */
    bool has_held;        /* more credits wait for what has been begun */
    int64_t held;
    struct text gone, gone_advice; /* at NULL: the provider has a trainer for it */
    char key[sizeof((struct uuid *)0)->text];
};

extern const struct view_type train_view_type;

/* chosen: name of a preset; NULL: the usual one. Lives as long as the request. */
struct train_view train_view_of(struct call *call, const struct avatar *avatar, const struct account *account,
                                const char *chosen);
