#pragma once
/* Writing JSON straight into a buffer: no tree, no copies, commas by themselves. Text must be valid UTF-8 (what comes
   out of PostgreSQL or json_parse is); times and ids are text. Reaching the buffer's limit sets overflow and writes
   nothing more. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

struct json_out {
    struct buf *buf; /* borrowed */
    bool comma;      /* a value stands before */
    bool overflow;
};

struct json_out json_out_begin(struct buf *buf); /* appends to what is in it */

void json_object(struct json_out *out);
void json_end_object(struct json_out *out);
void json_array(struct json_out *out);
void json_end_array(struct json_out *out);
void json_key(struct json_out *out, const char *key); /* a literal: letters, digits, '_' */

void json_text(struct json_out *out, struct text value);
void json_plain(struct json_out *out, struct text value); /* a text known to need no escaping: an id, a URL */
void json_int64(struct json_out *out, int64_t value);
void json_double(struct json_out *out, double value); /* finite; the shortest of up to 6 decimals */
void json_bool(struct json_out *out, bool value);
void json_null(struct json_out *out);
void json_raw(struct json_out *out, struct text json); /* one whole value, made by us or by PostgreSQL */

void json_key_text(struct json_out *out, const char *key, const char *value); /* NULL becomes null */
void json_key_int64(struct json_out *out, const char *key, int64_t value);
void json_key_double(struct json_out *out, const char *key, double value);
void json_key_bool(struct json_out *out, const char *key, bool value);
void json_key_null(struct json_out *out, const char *key);
void json_key_raw(struct json_out *out, const char *key, struct text json);
