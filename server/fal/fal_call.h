#pragma once
/* Inside fal/: one call with our key. */
#include <yajl/yajl_tree.h>

#include "fal/fal.h"
#include "fetch/fetch.h"
#include "fetch/origin.h"

enum { FAL_CONNECT_MS = 5000 };

struct fal {
    struct fetch *fetch;
    struct origin queue;
    char queue_url[256], rest_url[256], platform_url[256];
    char authorization[256];       /* the whole header line: a secret */
    bool (*may_send)(void *owner); /* of fal_guard */
    void *owner;
};

struct fal_call {
    enum fetch_method method;
    const char *url;
    const char *header; /* one more, or NULL */
    struct text body;
    int timeout_ms;
    size_t max_bytes;
    bool fresh;
};

/* As fetch_do. */
enum fetch_outcome fal_call(struct fal *fal, const struct fal_call *call, struct fetch_response *ret,
                            struct err *reterr);

/* The answer's body as a tree, for CLEANUP(fal_call_tree_done); NULL: not a JSON object. */
yajl_val fal_call_tree(const struct fetch_response *response);
void fal_call_tree_done(yajl_val *tree);
