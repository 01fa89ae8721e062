#pragma once
/* Pieces of text by pointer and length, as they come from outside: not NUL terminated, not owned. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *at;
    size_t len; /* bytes */
};

#define TEXT(literal) ((struct text){"" literal, sizeof(literal) - 1})

struct text text_of(const char *c_string);
bool text_equal(struct text a, struct text b);
bool text_equal_ignoring_case(struct text a, struct text b); /* ASCII letters only */
bool text_starts(struct text t, struct text prefix);
struct text text_trim(struct text t); /* without spaces and tabs at both ends */
/* Cuts *rest at the first separator: returns what stands before it and leaves what stands behind it
   (an empty text with at == NULL when there was no separator). */
struct text text_cut(struct text *rest, char separator);

/* Copies into a fixed array with a NUL at the end. False: too long, *to is then "". */
bool text_copy(char *to, size_t room, struct text t);

/* The whole text as a decimal number between min and max; no sign but '-', no spaces. */
bool text_int64(struct text t, int64_t min, int64_t max, int64_t *ret);
/* The same up to 2^64 - 1: digits only. */
bool text_uint64(struct text t, uint64_t *ret);

/* Valid UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF)? */
bool text_is_utf8(struct text t);
size_t text_code_points(struct text t);             /* how many, of valid UTF-8 */
uint32_t text_code_point(struct text t, size_t at); /* the one that begins at t.at[at], of valid UTF-8 */
/* Nothing but white space (what \s means in JSON Schema's patterns), or nothing at all; of valid UTF-8. */
bool text_is_blank(struct text t);

/* Percent-decoding of one query or form value ('+' is a space). False: malformed escape, NUL, or no room. */
bool text_percent_decode(struct text t, char *to, size_t room);

/* Percent-encoding of everything but letters, digits and "-._~" (RFC 3986). False: no room, to is then "". */
bool text_percent_encode(struct text t, char *to, size_t room);
