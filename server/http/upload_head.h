#pragma once
/* Keeps the body of an upload from libh2o: in the head of the request, which it has not seen yet, the length becomes
   zero. What the head said about its body is kept here. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct route;

enum upload_kind {
    UPLOAD_NONE,     /* no upload, or one without a body, or a head that libh2o shall judge itself */
    UPLOAD_COMES,    /* bytes of it, between 1 and the route's upload_limit */
    UPLOAD_TOO_LONG, /* over the limit */
    UPLOAD_CHUNKED,  /* nobody knows how long */
};

struct upload_head {
    enum upload_kind kind;
    int64_t bytes; /* of the body */
    size_t len;    /* of the head, which stands at the beginning of the connection's input */
    bool expects;  /* the client waits for a 100 before it sends the body: libh2o is not told of that either */
};

/* head is complete (raw_head_len) and its len bytes may be changed in place; its length does not change. */
struct upload_head upload_head_take(const struct route *routes, char *head, size_t len);
