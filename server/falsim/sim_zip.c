#include "falsim/sim_zip.h"

#include <stdint.h>

enum { END_LEN = 22, ENTRY_LEN = 46, LOCAL_LEN = 30, MAX_COMMENT = 65535 };

static uint32_t little(const char *at, int bytes)
{
    uint32_t value = 0;

    for (int i = bytes; i-- > 0;)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

/* The end record stands behind everything but its own comment. */
static const char *find_end(struct text archive)
{
    for (size_t back = END_LEN; back <= archive.len && back <= END_LEN + MAX_COMMENT; back++)
        if (little(archive.at + archive.len - back, 4) == 0x06054b50)
            return archive.at + archive.len - back;
    return NULL;
}

static bool ends_with(struct text name, struct text end)
{
    return name.len > end.len && text_equal_ignoring_case((struct text){name.at + name.len - end.len, end.len}, end);
}

static bool is_picture(struct text name)
{
    return !text_starts(name, TEXT("__MACOSX/")) && (ends_with(name, TEXT(".jpg")) || ends_with(name, TEXT(".jpeg")) ||
                                                     ends_with(name, TEXT(".png")) || ends_with(name, TEXT(".webp")));
}

/* An entry of the list at offset; false when it or what it points to does not lie inside the archive. */
static bool read_entry(struct text archive, size_t offset, struct text *retname, size_t *retnext)
{
    const char *entry = archive.at + offset;
    size_t local;

    if (offset + ENTRY_LEN > archive.len || little(entry, 4) != 0x02014b50)
        return false;
    *retname = (struct text){entry + ENTRY_LEN, little(entry + 28, 2)};
    *retnext = offset + ENTRY_LEN + retname->len + little(entry + 30, 2) + little(entry + 32, 2);
    local = little(entry + 42, 4);
    return *retnext <= archive.len && local + LOCAL_LEN + little(entry + 20, 4) <= archive.len &&
           little(archive.at + local, 4) == 0x04034b50;
}

bool sim_zip_count(struct text archive, int *retcount)
{
    const char *end = find_end(archive);
    uint32_t entries = end ? little(end + 10, 2) : 0;
    size_t offset = end ? little(end + 16, 4) : 0;
    struct text name;

    *retcount = 0;
    for (uint32_t i = 0; i < entries; i++) {
        if (!read_entry(archive, offset, &name, &offset))
            return false;
        *retcount += is_picture(name);
    }
    return end != NULL;
}
