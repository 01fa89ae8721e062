#pragma once
/* The steps that a single wish and a batch of them have in common: was it asked for before, of which avatar is it, and
   when nothing was made, why not. */
#include "avatars/avatar.h"
#include "generations/generation.h"
#include "http/call.h"

enum { GENERATION_RETRY_AFTER_S = 30 /* when too many are unfinished */ };

/* What only the one or the other knows. */
struct wish_ways {
    struct next (*replay)(struct call *call, struct uuid made); /* an earlier request with this key made it */
    struct next (*begin)(struct call *call);                    /* no request did */
    /* With the avatar that it is of, which is gone after this step: fills needed and generations, and makes it. */
    struct next (*judge)(struct call *call, const struct avatar *avatar);
};

/* The first member of what stands first in the call's state. */
struct wish_steps {
    const struct wish_ways *ways;
    struct next (*refused)(struct call *call, const struct err *err); /* as of struct generation_answers */
    struct idempotency key;
    struct uuid wanted;        /* the avatar that was named; "": the main one */
    struct uuid avatar;        /* the one that it is */
    int64_t needed, available; /* credits: for all of it, and what the user has; for ERR_PAYMENT */
    int64_t generations;       /* that it would be */
    int tries;
};

/* Looks for the key, where one was given; then replay or begin. */
struct next wish_steps_begin(struct call *call);
/* From begin, or later: looks for the avatar, then judge. */
struct next wish_steps_avatar(struct call *call, struct uuid wanted);
/* From judge, when its statement gave no row: another request may have taken the key, or something is or was in the
   way. Ends in replay, refused, or judge once more. */
struct next wish_steps_unmade(struct call *call);

struct next wish_steps_refuse(struct call *call, enum err_kind kind, const char *code);
/* A refusal as a problem document, or the page of an error, with its figures. */
struct next wish_steps_reply(struct call *call, const struct err *err);
