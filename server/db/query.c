#include "db/query.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

static const char INLINE[1]; /* its address marks a value that is kept in the query itself */

struct query query_read_named(const char *sql, const char *name)
{
    struct query q;

    q.sql = sql; /* the rest is set as it is added: a query is made for every request */
    q.name = name;
    q.writes = q.alone = false;
    q.count = 0;
    q.inline_used = 0;
    return q;
}

struct query query_write_named(const char *sql, const char *name)
{
    struct query q = query_read_named(sql, name);

    q.writes = true;
    return q;
}

void query_alone(struct query *q) { q->alone = true; }

void query_add_text(struct query *q, const char *value)
{
    assert(q->count < QUERY_MAX_PARAMS && "too many parameters");
    q->values[q->count++] = value;
}

void query_add_null(struct query *q) { query_add_text(q, NULL); }

/* Room for len bytes with their NUL, as the next parameter. */
static char *add_inline(struct query *q, size_t len)
{
    char *at = q->inline_bytes + q->inline_used;

    assert(len <= sizeof q->inline_bytes - q->inline_used && "too many inline parameters");
    q->inline_at[q->count] = q->inline_used;
    q->inline_used = (uint16_t)(q->inline_used + len);
    query_add_text(q, INLINE);
    return at;
}

static void add_copy(struct query *q, const char *text)
{
    size_t len = strlen(text) + 1;

    memcpy(add_inline(q, len), text, len);
}

void query_add_int64(struct query *q, int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, value);
    add_copy(q, text);
}

void query_add_uint64(struct query *q, uint64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    add_copy(q, text);
}

void query_add_double(struct query *q, double value)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%.9g", value);
    add_copy(q, text);
}

void query_add_bool(struct query *q, bool value) { query_add_text(q, value ? "t" : "f"); }

void query_add_uuid(struct query *q, struct uuid value)
{
    if (value.text[0])
        add_copy(q, value.text);
    else
        query_add_null(q);
}

void query_add_bytes(struct query *q, const void *bytes, size_t len)
{
    char *at = add_inline(q, 2 + HEX_ROOM(len));

    assert(len <= 64);
    memcpy(at, "\\x", 2);
    hex_write(bytes, len, at + 2);
}

const char *query_value(const struct query *q, int i)
{
    return q->values[i] == INLINE ? q->inline_bytes + q->inline_at[i] : q->values[i];
}

char *query_keep(struct query *q)
{
    size_t sizes[QUERY_MAX_PARAMS], total = 1;
    char *memory, *at;

    for (int i = 0; i < q->count; i++)
        total += sizes[i] = q->values[i] && q->values[i] != INLINE ? strlen(q->values[i]) + 1 : 0;
    if (!(memory = at = malloc(total)))
        abort();
    for (int i = 0; i < q->count; at += sizes[i++])
        if (sizes[i])
            q->values[i] = memcpy(at, q->values[i], sizes[i]);
    return memory;
}
