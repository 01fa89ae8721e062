#pragma once
/* Reading JSON from outside.
 *
 * json_parse refuses what yajl would let through or choke on: nesting over JSON_MAX_DEPTH (yajl_tree_free recurses),
 * NUL bytes and \u0000 (they would cut a C string short), lone surrogates (yajl turns them into '?'), invalid UTF-8.
 *
 * json_decode fills a struct from an object by a table of fields and reports every bad field at once. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yajl/yajl_tree.h>

#include "base/err.h"
#include "base/faults.h"
#include "base/text.h"

enum { JSON_MAX_DEPTH = 16 };

/* The caller frees the tree with yajl_tree_free. Errors (400): json_malformed, json_too_deep, json_bad_text. */
bool json_parse(struct text document, yajl_val *ret, struct err *reterr);

enum json_type {
    JSON_TEXT,   /* char[size]; min and max count code points */
    JSON_INT64,  /* int64_t; min and max: INT64_MIN and INT64_MAX leave the judging to the caller, and the nearest
                    int64_t stands for what is beyond */
    JSON_UINT64, /* uint64_t, from a number or a decimal string */
    JSON_DOUBLE, /* double; min and max in thousandths: INT64_MIN and INT64_MAX leave the judging to the caller, also of
                    infinity */
    JSON_BOOL,   /* bool */
    JSON_UUID,   /* struct uuid */
    JSON_OBJECT, /* a struct inside the struct, by fields */
    JSON_CUSTOM, /* by the function custom */
};

struct json_field;

/* Reads value into *at (the field's place in the target), adding to faults under the name given by field. */
typedef void (*json_custom_fn)(yajl_val value, void *at, const char *field, struct faults *faults);

struct json_field {
    const char *name;
    enum json_type type;
    size_t offset, size; /* of the member in the target struct */
    int64_t min, max;
    bool optional;
    bool nullable;                   /* null counts as present, and leaves the member as it was */
    size_t present;                  /* offset of a bool that tells whether the field was there; 0: none */
    size_t was_null;                 /* offset of a bool that tells whether it was null; 0: none */
    const struct json_field *fields; /* JSON_OBJECT */
    json_custom_fn custom;           /* JSON_CUSTOM */
};

#define JSON_FIELD(kind, target, member, ...)                                                                          \
    {                                                                                                                  \
        .name = #member, .type = kind, .offset = offsetof(target, member), .size = sizeof(((target *)0)->member),      \
        __VA_ARGS__                                                                                                    \
    }

/* fields ends with an all-zero entry. Unknown and repeated members are faults. Members that are absent are left as
   the caller set them. True when nothing was added to faults. */
bool json_decode(yajl_val object, const struct json_field *fields, void *ret, struct faults *faults);
/* The same for an object that stands at path ("image_size", "presets[3]"), for use in a json_custom_fn. */
bool json_decode_at(const char *path, yajl_val object, const struct json_field *fields, void *ret,
                    struct faults *faults);

/* json_parse and json_decode together, for request bodies. On false either reterr->kind is set, or it is ERR_NONE and
   faults has entries. */
bool json_decode_body(struct text body, const struct json_field *fields, void *ret, struct faults *faults,
                      struct err *reterr);

/* Looking into answers of other services, where anything may be missing. name is one member. */
yajl_val json_get(yajl_val object, const char *name);
const char *json_get_text(yajl_val object, const char *name); /* NULL: absent or not a string */
int64_t json_get_int64(yajl_val object, const char *name, int64_t otherwise);
/* The digits of an unsigned number up to 2^64 - 1, or of such a string. */
bool json_get_uint64(yajl_val object, const char *name, uint64_t *ret);
bool json_read_uint64(yajl_val value, uint64_t *ret);
