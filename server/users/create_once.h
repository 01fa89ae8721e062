#pragma once
/* The steps of a POST that creates something once for each Idempotency-Key, within a limit, and answers 201 with it.
   The answer is the same for whoever asks again, whatever became of the thing: it is kept with the key. */
#include "users/idempotency.h"
#include "json/json_out.h"

/* What only the route knows. */
struct create_once_ways {
    const char *path;                        /* of what is made, to be followed by its id: "/api/v1/avatars/" */
    const char *too_many;                    /* what the log says of 409 limit_reached */
    struct next (*begin)(struct call *call); /* the key is new, or there is none: ends with create_once_insert */
    /* Rows for write, also when the thing is deleted, if it can be told; none: 404. */
    struct query (*by_id)(struct uuid user, struct uuid id);
    void (*write)(struct call *call, struct json_out *out, const PGresult *rows); /* the body, an object */
    void (*made)(struct call *call);                                              /* just now; NULL: nothing to do */
};

/* The first member of the call's state. */
struct create_once {
    const struct create_once_ways *ways;
    struct idempotency key;
    struct uuid id; /* of what is made */
    char *body;     /* of the answer, once it is known */
};

/* The body was read, and is in order. */
struct next create_once_begin(struct call *call);
/* query: the statement that creates what has the state's id: a row for write, or none where the key was taken, or there
   are too many. */
struct next create_once_insert(struct call *call, struct query query);
