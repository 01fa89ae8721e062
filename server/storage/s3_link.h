#pragma once
/* Presigned addresses of an S3 server, as others reach it; nothing is sent. Used by one thread. */
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "storage/object_link.h"

struct config;
struct s3_links;

struct s3_links *s3_links_open(const struct config *config); /* S3_ENDPOINT is set (asserted) */
void s3_links_close(struct s3_links *links);                 /* NULL is fine */

/* Good from from_s for ttl_s seconds. */
size_t s3_link_get(struct s3_links *links, struct text bucket, struct text key, int64_t from_s, int64_t ttl_s,
                   char to[OBJECT_LINK_ROOM]);
/* The same for bytes that browsers keep under that name, and do not show. */
size_t s3_link_save(struct s3_links *links, struct text bucket, struct text key, struct text file_name, int64_t from_s,
                    int64_t ttl_s, char to[OBJECT_LINK_ROOM]);
/* Takes that length of that type alone. */
size_t s3_link_put(struct s3_links *links, struct text bucket, struct text key, struct text content_type, int64_t bytes,
                   int64_t from_s, int64_t ttl_s, char to[OBJECT_LINK_ROOM]);

/* Appends the origin that the bucket's addresses have. */
void s3_link_origin(const struct s3_links *links, struct text bucket, struct buf *to);
