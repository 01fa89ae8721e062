#pragma once
/* The query of a request ("?limit=10&cursor=…") or a form body, read by a table. Unknown and repeated names, bad
   percent-escapes and wrong values are faults that name the parameter. */
#include <stddef.h>

#include "base/faults.h"
#include "base/text.h"

enum query_type {
    QUERY_TEXT,  /* char[size]; max counts code points */
    QUERY_INT64, /* int64_t, min to max */
    QUERY_BOOL,  /* bool: true or false */
    QUERY_UUID,  /* struct uuid */
};

struct query_field {
    const char *name;
    enum query_type type;
    size_t offset, size;
    int64_t min, max;
    size_t present; /* offset of a bool that tells whether it was there; 0: none */
};

#define QUERY_FIELD(kind, struct_type, member, ...)                                                                    \
    {                                                                                                                  \
        .name = #member, .type = kind, .offset = offsetof(struct_type, member),                                        \
        .size = sizeof(((struct_type *)0)->member), __VA_ARGS__                                                        \
    }

/* fields ends with an all-zero entry; absent ones are left as the caller set them. */
bool query_string_decode(struct text query, const struct query_field *fields, void *ret, struct faults *faults);

/* The decoded value of the first parameter of that name. False: none, malformed, or no room; to is then "". */
bool query_string_find(struct text query, const char *name, char *to, size_t room);
