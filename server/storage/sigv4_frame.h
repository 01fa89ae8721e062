#pragma once
/* Presigned GETs that differ in nothing but their paths, as the pictures of a page do: what they share is written once.
   Their URLs are those of sigv4_presign. */
#include "storage/sigv4.h"

enum { SIGV4_FRAME_HOST_ROOM = 400, SIGV4_FRAME_QUERY_ROOM = 1024 };

struct sigv4_frame {
    int64_t from_s, ttl_s; /* 0: not made yet */
    char scheme[8], host[SIGV4_FRAME_HOST_ROOM];
    char date[SIGV4_DATE_ROOM];
    char query[SIGV4_FRAME_QUERY_ROOM]; /* up to the signature */
    size_t host_len, query_len;
};

/* From from_s for ttl_s seconds; does nothing when it is that frame already. False: no room. */
bool sigv4_frame_set(struct sigv4_frame *frame, struct sigv4 *sigv4, const char *scheme, struct text host,
                     int64_t from_s, int64_t ttl_s);

/* path has nothing in it that is to be encoded. NUL terminated; returns the length; 0: no room. */
size_t sigv4_frame_write(const struct sigv4_frame *frame, struct sigv4 *sigv4, struct text path, char *to, size_t room);
