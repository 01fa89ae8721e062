#include "falsim/sim_zip.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { END_LEN = 22, ENTRY_LEN = 46, LOCAL_LEN = 30, MAX_COMMENT = 65535, PIECE = 64 * 1024, MAGIC = 12 };
enum { FLAG_ENCRYPTED = 1, STORED = 0, DEFLATED = 8 };

struct entry {
    struct text name, packed;
    uint32_t flags, method, crc, size;
    size_t next; /* offset of the one behind it */
};

/* What comes out of an entry. */
struct content {
    uint32_t size;
    uLong crc;
    unsigned char begin[MAGIC];
};

static uint32_t little(const char *at, int bytes)
{
    uint32_t value = 0;

    for (int i = bytes; i-- > 0;)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static bool wrong(struct sim_zip *ret, const char *why)
{
    (void)snprintf(ret->why, sizeof ret->why, "%s", why);
    return false;
}

/* The end record stands behind everything but its own comment. */
static const char *find_end(struct text archive)
{
    for (size_t back = END_LEN; back <= archive.len && back <= END_LEN + MAX_COMMENT; back++) {
        const char *at = archive.at + archive.len - back;
        if (little(at, 4) == 0x06054b50 && little(at + 20, 2) == back - END_LEN)
            return at;
    }
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
static bool read_entry(struct text archive, size_t offset, struct entry *ret)
{
    const char *at = archive.at + offset;
    size_t local, data, packed;

    if (offset + ENTRY_LEN > archive.len || little(at, 4) != 0x02014b50)
        return false;
    *ret = (struct entry){.name = {at + ENTRY_LEN, little(at + 28, 2)},
                          .flags = little(at + 8, 2),
                          .method = little(at + 10, 2),
                          .crc = little(at + 16, 4),
                          .size = little(at + 24, 4)};
    ret->next = offset + ENTRY_LEN + ret->name.len + little(at + 30, 2) + little(at + 32, 2);
    packed = little(at + 20, 4);
    local = little(at + 42, 4);
    if (ret->next > archive.len || local + LOCAL_LEN > archive.len || little(archive.at + local, 4) != 0x04034b50)
        return false;
    data = local + LOCAL_LEN + little(archive.at + local + 26, 2) + little(archive.at + local + 28, 2);
    if (data + packed > archive.len)
        return false;
    ret->packed = (struct text){archive.at + data, packed};
    return true;
}

static void add(struct content *content, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len && content->size + i < MAGIC; i++)
        content->begin[content->size + i] = bytes[i];
    content->crc = crc32(content->crc, bytes, (uInt)len);
    content->size += (uint32_t)len;
}

static bool inflate_into(struct text packed, struct content *ret)
{
    unsigned char piece[PIECE];
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)packed.at, .avail_in = (uInt)packed.len};
    int state = inflateInit2(&stream, -MAX_WBITS);

    while (state == Z_OK && ret->size <= SIM_ZIP_ENTRY_MAX) {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        state = inflate(&stream, Z_NO_FLUSH);
        if (state == Z_OK || state == Z_STREAM_END)
            add(ret, piece, sizeof piece - stream.avail_out);
    }
    (void)inflateEnd(&stream);
    return state == Z_STREAM_END && stream.avail_in == 0;
}

static bool unpack(const struct entry *entry, struct content *ret)
{
    *ret = (struct content){.crc = crc32(0, NULL, 0)};
    if (entry->size > SIM_ZIP_ENTRY_MAX)
        return false;
    if (entry->method == STORED)
        add(ret, (const unsigned char *)entry->packed.at, entry->packed.len);
    else if (entry->method != DEFLATED || !inflate_into(entry->packed, ret))
        return false;
    return ret->size == entry->size && ret->crc == entry->crc;
}

/* JPEG, PNG or WebP, whatever its name says. */
static bool begins_like_a_picture(const struct content *content)
{
    const unsigned char *b = content->begin;

    return content->size >= MAGIC && (memcmp(b, "\xff\xd8\xff", 3) == 0 || memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0 ||
                                      (memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0));
}

static bool look_at(const struct entry *entry, struct sim_zip *ret)
{
    struct content content;

    if (entry->flags & FLAG_ENCRYPTED)
        return wrong(ret, "a file in it is encrypted");
    if (!unpack(entry, &content))
        return wrong(ret, "a file in it cannot be unpacked");
    if (!is_picture(entry->name))
        return true;
    ret->pictures++;
    return begins_like_a_picture(&content) || wrong(ret, "a picture in it is none");
}

bool sim_zip_look(struct text archive, struct sim_zip *ret)
{
    const char *end = find_end(archive);
    uint32_t entries = end ? little(end + 10, 2) : 0;
    struct entry entry = {.next = end ? little(end + 16, 4) : 0};

    *ret = (struct sim_zip){0};
    if (!end || little(end + 4, 4) != 0 || little(end + 8, 2) != entries)
        return wrong(ret, "no list of contents");
    for (uint32_t i = 0; i < entries; i++) {
        if (!read_entry(archive, entry.next, &entry))
            return wrong(ret, "the list of contents points out of it");
        if (!look_at(&entry, ret))
            return false;
    }
    return archive.at + entry.next <= end || wrong(ret, "the list of contents is longer than it says");
}
