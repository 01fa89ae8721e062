#pragma once
/* A hash of bytes that come in pieces. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA256 }; /* MD5: where a protocol or a comparison of our own asks for it */
enum { DIGEST_BYTES_MAX = 32 };

struct digest;
struct digest *digest_open(enum digest_kind kind);
void digest_add(struct digest *digest, struct text bytes);
/* The hash of what was added (16 or 32 bytes; returns how many), and the end of it. */
size_t digest_done(struct digest *digest, unsigned char ret[DIGEST_BYTES_MAX]);
void digest_close(struct digest *digest); /* in digest_done's place, when the hash is not wanted; NULL is fine */

/* The hash of the bytes [from, from + bytes) of a file. False: errno says why, 0 when the file is shorter. */
bool digest_file(enum digest_kind kind, int fd, int64_t from, int64_t bytes, unsigned char ret[DIGEST_BYTES_MAX]);
