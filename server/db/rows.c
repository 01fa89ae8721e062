#include "db/rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

static const char *next_value(struct row *row)
{
    assert(row->column < PQnfields(row->result) && "more columns read than selected");
    return PQgetvalue(row->result, row->index, row->column++); /* "" for NULL */
}

int rows_affected(const PGresult *rows)
{
    const char *count = PQcmdTuples((PGresult *)(uintptr_t)rows);

    return (int)strtol(count, NULL, 10);
}

PGresult *rows_copy(const PGresult *rows)
{
    PGresult *copy = PQcopyResult(rows, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES);

    if (!copy)
        abort();
    return copy;
}

void rows_free(PGresult *rows) { PQclear(rows); }

bool row_is_null(const struct row *row) { return PQgetisnull(row->result, row->index, row->column); }

void row_skip(struct row *row) { (void)next_value(row); }

const char *row_text(struct row *row) { return next_value(row); }

const char *row_text_or_null(struct row *row)
{
    bool null = row_is_null(row);
    const char *value = next_value(row);

    return null ? NULL : value;
}

struct text row_piece(struct row *row)
{
    int len = PQgetlength(row->result, row->index, row->column);

    return (struct text){next_value(row), (size_t)len};
}

int64_t row_int64(struct row *row) { return strtoll(next_value(row), NULL, 10); }
uint64_t row_uint64(struct row *row) { return strtoull(next_value(row), NULL, 10); }
double row_double(struct row *row) { return strtod(next_value(row), NULL); }
bool row_bool(struct row *row) { return next_value(row)[0] == 't'; }

struct uuid row_uuid(struct row *row)
{
    struct uuid id;

    (void)text_copy(id.text, sizeof id.text, row_piece(row));
    return id;
}

size_t row_bytes(struct row *row, void *to, size_t room)
{
    struct text hex = row_piece(row); /* \x… */
    size_t len = hex.len >= 2 ? (hex.len - 2) / 2 : 0;

    if (len == 0 || len > room || !hex_read((struct text){hex.at + 2, hex.len - 2}, to, len))
        return 0;
    return len;
}

/* PostgreSQL writes "2026-01-15 10:00:01.123456+00". */
void row_time(struct row *row, char to[ROW_TIME_ROOM])
{
    struct text t = row_piece(row);

    to[0] = '\0';
    if (t.len < 22 || t.len >= ROW_TIME_ROOM)
        return;
    assert(memcmp(t.at + t.len - 3, "+00", 3) == 0 && "the session's time zone must be UTC");
    memcpy(to, t.at, t.len - 3);
    to[10] = 'T';
    to[t.len - 3] = 'Z';
    to[t.len - 2] = '\0';
}
