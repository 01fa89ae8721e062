#pragma once
/* One request on its way: what libcurl is told of it, and what it tells meanwhile. */
#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "fetch/fetch.h"
#include "fetch/policy.h"

struct transfer {
    CURL *curl;
    const struct policy *policy;
    const struct fetch_request *request;
    struct fetch_response *response;
    const atomic_bool *stop; /* NULL: never */
    bool public_only;        /* connect to public addresses alone */
    /* Its own from here on; all zero at first. */
    struct curl_slist *headers;
    size_t header_bytes, taken_bytes;
    int64_t body_sent; /* of body_fd */
    bool sent;         /* the whole request */
    /* Why it ended. */
    bool refused_address, refused_piece, too_large, held_back, no_body, cut;
};

/* Sets the handle up; false: a header line would break the request in two. */
bool transfer_begin(struct transfer *transfer);
/* The handle forgets all of it, but keeps its connections. */
void transfer_end(struct transfer *transfer);

/* Bytes of the request's body. */
int64_t transfer_body_bytes(const struct fetch_request *request);
/* True: in a build with fault points, the request is to fail there. */
bool transfer_is_cut(const struct fetch_request *request, const char *when);
