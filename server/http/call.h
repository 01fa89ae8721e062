#pragma once
/* One HTTP request being answered.
 *
 * A handler is a chain of step functions. Every step must return a `struct next`, and the only ways to make one are
 * the await_ and reply_ functions (and stream_open), so the compiler rejects a step that forgets to answer. When a
 * wait fails, the call is answered with that error and no further step runs. When the client goes away, the pending
 * wait is cancelled: a completion cannot reach a dead request.
 *
 * Rules: one wait at a time; results are borrowed for the step; a reply may free the request and the call before it
 * returns, so it is always the step's last word: `return reply_...`. */
#include <h2o.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/faults.h"
#include "base/messages.h"
#include "base/text.h"
#include "base/uuid.h"
#include "http/server.h"

struct next {
    int reserved;
};

typedef struct next (*step_fn)(struct call *call);

enum scope { SCOPE_READ = 1, SCOPE_WRITE = 2, SCOPE_GENERATE = 4, SCOPE_ADMIN = 8 };
enum who_kind { WHO_NOBODY, WHO_TOKEN, WHO_SESSION, WHO_SERVICE };

/* Who asks; filled by the site's authenticate. */
struct who {
    enum who_kind kind;
    unsigned scopes;        /* of enum scope */
    struct uuid user;       /* "" for a service that acts for nobody */
    struct uuid credential; /* id of the token or session */
    char locale[3];         /* "ru", "en" */
    char time_zone[64];
    char default_preset[24]; /* "": not known */
    char theme[6];           /* "auto", "light", "dark" */
    /* Of what the user has, as they were when this was read: users/caches.h. 0: not known; nothing is kept under that.
     */
    int64_t history_version, taste_version;
};

/* What a route asks of its caller. */
enum access {
    ACCESS_PUBLIC,
    ACCESS_READ,     /* scope read */
    ACCESS_WRITE,    /* scope write */
    ACCESS_GENERATE, /* scope generate */
    ACCESS_ADMIN,    /* scope admin */
    ACCESS_SERVICE,  /* the service token with an acting user */
};

enum { ROUTE_MAX_PARAMS = 3 };

struct route {
    const char *method; /* "GET" also answers HEAD */
    const char *path;   /* "/api/v1/images/{id}"; "{*}" stands for whatever follows */
    enum access access;
    size_t body_limit; /* bytes; 0: a body that comes is not looked at */
    step_fn first;
    bool page;           /* for people: its errors are pages, too */
    size_t upload_limit; /* bytes; not 0: POST or PUT, whose body is taken by await_upload (upload.h); body_limit does
                            not matter */
};

struct call {
    struct http_thread *thread;
    h2o_req_t *req;
    const struct route *route;
    struct text params[ROUTE_MAX_PARAMS]; /* what stood in place of {…}: raw, not percent-decoded */
    struct text query;                    /* behind '?', raw; "" when none */
    struct who who;
    enum lang lang; /* of texts in the answer */
    char request_id[HTTP_REQUEST_ID_ROOM];
    int64_t started_us; /* monotonic */
    /* the wait */
    void *waiting;
    void (*cancel)(void *waiting);
    void (*then)(void); /* the step that follows, in the type that the maker of the wait knows */
    const char *step;   /* its name, for the log */
    int64_t waiting_since_us;
    bool answered;
    void *state;                        /* what the steps keep between them: call_state_make */
    void (*on_gone)(struct call *call); /* runs once when h2o drops the request, answered or not; may be NULL */
};

/* Starts a request: runs authentication, unless the route is public, and the first
   step. Called by the router. */
void call_start(struct http_thread *thread, h2o_req_t *req, const struct route *route, const struct text *params);
/* call->who is known now: pages, and answers to who asked for no language, are in the user's own. */
void call_speak_to(struct call *call);
/* After call->who is filled: checks the route's access and runs its first step. */
struct next call_enter(struct call *call);

/* For makers of await_ functions: the wait begins, op is cancelled with cancel(op) if the client goes. */
struct next call_await(struct call *call, void *op, void (*cancel)(void *op), const char *step);
/* First thing in an op's completion: the wait is over. */
void call_resumed(struct call *call);

/* Memory that lives as long as the request; sanitizers see its edges. */
void *call_alloc(struct call *call, size_t len);
char *call_text(struct call *call, struct text text); /* a copy of it there, with a 0 behind */
/* call->state: zeroed memory for what later steps need; made once, by the first step. */
void *call_state_make(struct call *call, size_t len);
/* A request header's value, "" when absent. name is lower case. */
struct text call_header(const struct call *call, const char *name);
bool call_has_header(const struct call *call, const char *name); /* even an empty one */
struct text call_body(const struct call *call);
/* The i-th {…} of the path as a UUID. */
bool call_param_uuid(const struct call *call, int i, struct uuid *ret);
