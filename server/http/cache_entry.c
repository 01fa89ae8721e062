/* "AiC" and the format's number, one byte each; how many rows follow, 1 byte; version and time, 8 bytes each; then, for
   each rows, a digest of the statement in 8 bytes, and the rows (db/rows_pack.h); last the MAC. Numbers have the lowest
   byte first. */
#include "http/cache_entry.h"

#include <assert.h>
#include <string.h>

#include "db/rows_pack.h"

/* Its last byte grows whenever an older program could read an entry wrongly. */
static const char FORMAT[4] = {'A', 'i', 'C', 1};

enum { HEAD = sizeof FORMAT + 1 + 8 + 8, DIGEST = 8 };

/* FNV-1a. Nobody who could profit from two equal digests writes our statements. */
static uint64_t digest_of(const char *sql)
{
    uint64_t digest = 14695981039346656037u;

    for (; *sql; sql++)
        digest = (digest ^ (unsigned char)*sql) * 1099511628211u;
    return digest;
}

static bool add_number(struct buf *to, uint64_t number)
{
    char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(unsigned char)(number >> 8 * i);
    return buf_add(to, bytes, sizeof bytes);
}

/* The caller has looked at the length. */
static uint64_t take_number(struct text *rest)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number |= (uint64_t)(unsigned char)rest->at[i] << 8 * i;
    *rest = (struct text){rest->at + 8, rest->len - 8};
    return number;
}

/* The place's parts have a NUL behind each, so that no two places are alike. */
static void sign(struct mac *mac, struct text bytes, const struct cache_place *place, unsigned char ret[SHA256_BYTES])
{
    char bound[SHA256_BYTES + 512];
    size_t key = strlen(place->key) + 1, field = strlen(place->field) + 1, user = strlen(place->user) + 1;

    assert(key + field + user <= 512);
    crypto_sha256(bytes, (unsigned char *)bound);
    memcpy(bound + SHA256_BYTES, place->key, key);
    memcpy(bound + SHA256_BYTES + key, place->field, field);
    memcpy(bound + SHA256_BYTES + key + field, place->user, user);
    mac_sign(mac, (struct text){bound, SHA256_BYTES + key + field + user}, ret);
}

bool cache_entry_write(const struct cache_entry *entry, const struct cache_place *place, struct mac *mac,
                       struct buf *to)
{
    unsigned char signature[SHA256_BYTES];
    char count = (char)entry->count;

    assert(to->len == 0 && entry->count > 0 && entry->count <= CACHE_ENTRY_ROWS);
    if (!buf_add(to, FORMAT, sizeof FORMAT) || !buf_add(to, &count, 1) || !add_number(to, (uint64_t)entry->version) ||
        !add_number(to, (uint64_t)entry->read_us))
        return false;
    for (int i = 0; i < entry->count; i++)
        if (!add_number(to, digest_of(entry->read[i].sql)) || !rows_pack(entry->read[i].rows, to))
            return false;
    sign(mac, (struct text){to->bytes, to->len}, place, signature);
    return buf_add(to, signature, sizeof signature);
}

bool cache_entry_open(struct text bytes, const struct cache_place *place, struct mac *mac, struct cache_reader *ret)
{
    unsigned char signature[SHA256_BYTES];
    struct text body = bytes;

    if (bytes.len < HEAD + SHA256_BYTES || bytes.len > CACHE_ENTRY_MAX)
        return false;
    body.len -= SHA256_BYTES;
    if (memcmp(body.at, FORMAT, sizeof FORMAT) != 0)
        return false;
    sign(mac, body, place, signature);
    if (!crypto_equal((struct text){body.at + body.len, SHA256_BYTES},
                      (struct text){(const char *)signature, sizeof signature}))
        return false;
    ret->left = body.at[sizeof FORMAT];
    ret->rest = (struct text){body.at + sizeof FORMAT + 1, body.len - sizeof FORMAT - 1};
    ret->version = (int64_t)take_number(&ret->rest);
    ret->read_us = (int64_t)take_number(&ret->rest);
    return ret->left > 0 && ret->left <= CACHE_ENTRY_ROWS;
}

PGresult *cache_entry_take(struct cache_reader *reader, const char *sql)
{
    if (reader->left <= 0 || reader->rest.len < DIGEST || take_number(&reader->rest) != digest_of(sql))
        return NULL;
    reader->left--;
    return rows_unpack(&reader->rest);
}
