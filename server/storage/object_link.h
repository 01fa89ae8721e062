#pragma once
/* Addresses of stored objects, for whoever we give them to, until they expire: of our own /files/ (signed_url.h) when
   objects lie on local disk, presigned ones of the bucket when they lie in S3. One struct per thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "storage/signed_url.h"

struct config;
struct object_links;

enum { OBJECT_LINK_ROOM = 1280, OBJECT_LINK_TTL_MAX_S = 6 * 24 * 3600 };

struct object_links *object_links_open(const struct config *config);
void object_links_close(struct object_links *links); /* NULL is fine */

/* An address to GET bucket/key, good for at least ttl_s (1 to OBJECT_LINK_TTL_MAX_S) from now_s; the same for an hour,
   so that browsers keep what they have got. NUL terminated; returns its length. base: what stands before /files/ (""
   on our own pages, PUBLIC_URL elsewhere); not used with S3. */
size_t object_link_get(struct object_links *links, struct text base, struct text bucket, struct text key, int64_t now_s,
                       int64_t ttl_s, char to[OBJECT_LINK_ROOM]);
/* The same for bytes that browsers keep as a file "aisha-" and the key's last segment, and do not show. */
size_t object_link_save(struct object_links *links, struct text base, struct text bucket, struct text key,
                        int64_t now_s, int64_t ttl_s, char to[OBJECT_LINK_ROOM]);

/* S3 alone: an address that takes one PUT of exactly that type and length. 0: objects lie on local disk. */
size_t object_link_put(struct object_links *links, struct text bucket, struct text key, struct text content_type,
                       int64_t bytes, int64_t now_s, int64_t ttl_s, char to[OBJECT_LINK_ROOM]);

/* Of what stands behind /files/, after signed_url_check. */
enum signed_url_verdict object_link_check(struct object_links *links, struct text path, struct text query,
                                          int64_t now_s, struct text *bucket, struct text *key);

/* Appends the origins of those buckets (NULL at the end), a space between each; nothing when objects lie on local disk.
 */
void object_link_origins(const struct object_links *links, const char *const *buckets, struct buf *to);

/* Can a stranger on the internet (fal.ai) follow them? STORAGE_PUBLIC, by default: is it not a loopback or private
   address, or is the stranger a simulator on this machine? */
bool object_links_are_public(const struct object_links *links);
