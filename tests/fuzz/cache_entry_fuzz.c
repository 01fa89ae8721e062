/* What comes back from Redis: the first byte chooses the whole entry, as a stranger may have put it there, or what is
   behind its MAC. Whatever passes can be read to its end, and is written again as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "db/rows.h"
#include "db/rows_pack.h"
#include "http/cache_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char SQL[] = "SELECT 1";

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void read_all(const PGresult *rows)
{
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        for (int c = 0; c < PQnfields(rows); c++) {
            struct text value = row_piece(&row);
            must(strlen(value.at) == value.len);
        }
    }
}

static void try_rows(struct text given)
{
    CLEANUP(buf_done) struct buf again = buf_make(CACHE_ENTRY_MAX);
    struct text rest = given;
    PGresult *rows = rows_unpack(&rest);

    if (!rows)
        return;
    read_all(rows);
    must(rows_pack(rows, &again));
    must(again.len == given.len - rest.len && memcmp(again.bytes, given.at, again.len) == 0);
    rows_free(rows);
}

static void try_reader(struct text given)
{
    struct cache_reader reader = {.left = CACHE_ENTRY_ROWS, .rest = given};
    PGresult *rows;

    for (int i = 0; i < CACHE_ENTRY_ROWS && (rows = cache_entry_take(&reader, SQL)); i++)
        rows_free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct cache_place PLACE = {"key", "field", "user"};
    static struct mac *mac;
    struct text given = {(const char *)bytes + 1, len - 1};
    struct cache_reader reader;

    if (len == 0 || len > CACHE_ENTRY_MAX)
        return 0;
    if (!mac)
        mac = mac_open("a key that nobody knows", 23);
    switch (bytes[0] % 3) {
    case 0: must(!cache_entry_open(given, &PLACE, mac, &reader)); break;
    case 1: try_rows(given); break;
    default: try_reader(given);
    }
    return 0;
}
