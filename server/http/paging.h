#pragma once
/* Keyset pages: a cursor names the last item of a page, is opaque, and is good only for the list, the user and the
   filters that it was made for. */
#include "base/crypto.h"
#include "http/body.h"
#include "http/call.h"
#include "json/json_out.h"

enum { PAGING_LIMIT_DEFAULT = 24, PAGING_LIMIT_MAX = 100, PAGING_CURSOR_ROOM = 48 };

/* The two parameters of every list; members of its query struct named limit (int64_t) and cursor (char[48]). */
#define PAGING_FIELDS(struct_type)                                                                                     \
    QUERY_FIELD(QUERY_INT64, struct_type, limit, .min = 1, .max = PAGING_LIMIT_MAX),                                   \
        QUERY_FIELD(QUERY_TEXT, struct_type, cursor, .max = PAGING_CURSOR_ROOM - 1)

/* list and filters (any text, the same for every page) name what is paged. "" as cursor is the first page: *ret_after
   is then "". Answers 400 cursor_invalid. */
bool paging_after(struct call *call, struct mac *mac, const char *list, const char *filters, const char *cursor,
                  struct uuid *ret_after, struct next *refused);
/* "next_cursor": of the page that ends with last; NULL: it is the last page. */
void paging_write_next(struct json_out *out, struct call *call, struct mac *mac, const char *list, const char *filters,
                       const struct uuid *last);
