#include "image/webp_strip.h"

#include <stdint.h>
#include <string.h>

enum { HEADER = 12, CHUNK_HEADER = 8, VP8X_ALPHA_FLAG = 0x10 };

struct chunk {
    char name[4];
    struct text body;
};

static uint32_t little_endian(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;

    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void put_little_endian(char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(value >> (8 * i) & 255);
}

/* Takes the next chunk with its padding off *rest. */
static bool next_chunk(struct text *rest, struct chunk *ret)
{
    size_t len, padded;

    if (rest->len < CHUNK_HEADER)
        return false;
    len = little_endian(rest->at + 4);
    padded = len + len % 2;
    if (len > rest->len - CHUNK_HEADER)
        return false;
    memcpy(ret->name, rest->at, 4);
    ret->body = (struct text){rest->at + CHUNK_HEADER, len};
    if (padded > rest->len - CHUNK_HEADER)
        padded = len; /* some writers forget the padding of the last chunk */
    *rest = (struct text){rest->at + CHUNK_HEADER + padded, rest->len - CHUNK_HEADER - padded};
    return true;
}

static bool is(const struct chunk *chunk, const char *name) { return memcmp(chunk->name, name, 4) == 0; }

static bool belongs_to_picture(const struct chunk *chunk)
{
    return is(chunk, "VP8X") || is(chunk, "ALPH") || is(chunk, "VP8 ") || is(chunk, "VP8L");
}

static bool is_acceptable(const struct chunk *chunk)
{
    return !is(chunk, "ANMF") && (!is(chunk, "VP8X") || chunk->body.len == 10);
}

static bool add_chunk(struct buf *to, const struct chunk *chunk)
{
    char header[CHUNK_HEADER];
    size_t body;

    memcpy(header, chunk->name, 4);
    put_little_endian(header + 4, (uint32_t)chunk->body.len);
    if (!buf_add(to, header, sizeof header))
        return false;
    body = to->len;
    if (!buf_add(to, chunk->body.at, chunk->body.len) || (chunk->body.len % 2 && !buf_add(to, "", 1)))
        return false;
    if (is(chunk, "VP8X")) /* it also announces the chunks that are gone now */
        to->bytes[body] &= VP8X_ALPHA_FLAG;
    return true;
}

bool webp_strip(struct text webp, struct buf *to)
{
    size_t start = to->len, riff;
    bool pictured = false;
    struct text rest;
    struct chunk chunk;

    if (webp.len < HEADER || (riff = little_endian(webp.at + 4)) < 4 || riff > webp.len - 8 ||
        !buf_add(to, webp.at, HEADER))
        return false;
    for (rest = (struct text){webp.at + HEADER, riff - 4}; rest.len;) {
        if (!next_chunk(&rest, &chunk) || !is_acceptable(&chunk))
            return false;
        if (pictured || !belongs_to_picture(&chunk))
            continue;
        if (!add_chunk(to, &chunk))
            return false;
        pictured = is(&chunk, "VP8 ") || is(&chunk, "VP8L");
    }
    put_little_endian(to->bytes + start + 4, (uint32_t)(to->len - start - 8));
    return pictured;
}
