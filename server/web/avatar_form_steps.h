#pragma once
/* What the two forms that make an avatar share: once for each of the form's keys, within AVATARS_PER_USER; then to the
   avatar's page, or back to the form with what is wrong. */
#include "users/idempotency.h"

/* The first member of such a form's state. */
struct avatar_form_steps {
    struct faults faults; /* of the fields; with one of them nothing is made */
    struct idempotency key;
    struct uuid id;
    /* The statement; a row, or none: the key was taken, or there are too many. */
    struct query (*insert)(struct call *call, int64_t max_avatars);
    /* The form as it was sent; trouble: a code for people, or NULL when the faults say it all. */
    struct next (*reply_form)(struct call *call, int status, const char *trouble);
    const char *done; /* what the avatar's page says first: "?done=" */
};

/* key: the value of the form's hidden field. After the form was read and checked. */
struct next avatar_form_steps_run(struct call *call, const char *key);
