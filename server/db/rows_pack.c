#include "db/rows_pack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/rows.h"

static void write_number(char *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(unsigned char)(number >> 8 * i);
}

static bool read_number(struct text *rest, uint32_t *ret)
{
    *ret = 0;
    if (rest->len < 4)
        return false;
    for (int i = 0; i < 4; i++)
        *ret |= (uint32_t)(unsigned char)rest->at[i] << 8 * i;
    *rest = (struct text){rest->at + 4, rest->len - 4};
    return true;
}

static bool add_number(struct buf *to, uint32_t number)
{
    char *at = buf_reserve(to, 4);

    if (!at)
        return false;
    write_number(at, number);
    to->len += 4;
    return true;
}

static bool add_value(struct buf *to, const PGresult *rows, int row, int column)
{
    uint32_t len = (uint32_t)PQgetlength(rows, row, column);

    if (PQgetisnull(rows, row, column))
        return add_number(to, 0);
    return add_number(to, len + 1) && buf_add(to, PQgetvalue(rows, row, column), len);
}

static bool add_all(struct buf *to, const PGresult *rows, int columns)
{
    int count = PQntuples(rows);

    if (columns > ROWS_PACK_MAX_COLUMNS || count > ROWS_PACK_MAX_ROWS || !add_number(to, (uint32_t)columns) ||
        !add_number(to, (uint32_t)count))
        return false;
    for (int i = 0; i < count; i++)
        for (int c = 0; c < columns; c++)
            if (!add_value(to, rows, i, c))
                return false;
    return true;
}

bool rows_pack(const PGresult *rows, struct buf *to)
{
    size_t before = to->len;

    if (add_all(to, rows, PQnfields(rows)))
        return true;
    to->len = before;
    return false;
}

/* A text of PostgreSQL has no NUL inside: who reads it as a C string sees all of it. */
static bool take_value(struct text *rest, PGresult *rows, int row, int column)
{
    uint32_t len;
    bool ok;

    if (!read_number(rest, &len))
        return false;
    if (len == 0)
        return PQsetvalue(rows, row, column, NULL, -1) != 0;
    len--;
    if (len > rest->len || memchr(rest->at, '\0', len))
        return false;
    ok = PQsetvalue(rows, row, column, (char *)(uintptr_t)rest->at, (int)len) != 0;
    *rest = (struct text){rest->at + len, rest->len - len};
    return ok;
}

static bool take_all(struct text *rest, PGresult *rows, int columns, int count)
{
    for (int i = 0; i < count; i++)
        for (int c = 0; c < columns; c++)
            if (!take_value(rest, rows, i, c))
                return false;
    return true;
}

static PGresult *make_empty(int columns)
{
    PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc described[ROWS_PACK_MAX_COLUMNS] = {0};

    for (int c = 0; c < columns; c++)
        described[c].name = (char *)(uintptr_t) "";
    if (!rows || (columns && !PQsetResultAttrs(rows, columns, described)))
        abort();
    return rows;
}

/* Every value takes four bytes at least, so that a number that lies costs nothing. */
PGresult *rows_unpack(struct text *rest)
{
    uint32_t columns, count;
    PGresult *rows;

    if (!read_number(rest, &columns) || !read_number(rest, &count) || columns > ROWS_PACK_MAX_COLUMNS ||
        count > ROWS_PACK_MAX_ROWS || (count && !columns) || (size_t)columns * count * 4 > rest->len)
        return NULL;
    rows = make_empty((int)columns);
    if (take_all(rest, rows, (int)columns, (int)count))
        return rows;
    rows_free(rows);
    return NULL;
}
