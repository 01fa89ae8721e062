/* What the simulator finds in archives, good and bad. */
#include "falsim/sim_zip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"

enum { ROOM = 1 << 20, ENTRIES_MAX = 8 };

#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        "" literal, sizeof(literal) - 1                                                                                \
    }
#define JPEG "\xff\xd8\xff\xe0 a picture of somebody"
#define PNG "\x89PNG\r\n\x1a\n and so on"
#define WEBP "RIFF\x10\0\0\0WEBPVP8 "

struct file {
    const char *name;
    struct text content;
    bool deflated;
    int flags;
    uint32_t crc_off, size_off; /* a lie in the list */
};

static void put(struct buf *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        assert_true(buf_add(to, &(char){(char)(value >> 8 * i)}, 1));
}

static struct text pack(const struct file *file, unsigned char room[ROOM])
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)file->content.at,
                       .avail_in = (uInt)file->content.len,
                       .next_out = room,
                       .avail_out = ROOM};

    if (!file->deflated)
        return file->content;
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return (struct text){(char *)room, ROOM - stream.avail_out};
}

/* What stands in the local header as well as in the list, behind the versions. */
static void put_fields(struct buf *to, const struct file *file, size_t packed)
{
    const unsigned char *bytes = (const unsigned char *)file->content.at;

    put(to, (uint32_t)file->flags, 2);
    put(to, file->deflated ? 8 : 0, 2);
    put(to, 0, 4);
    put(to, (uint32_t)crc32(0, bytes, (uInt)file->content.len) + file->crc_off, 4);
    put(to, (uint32_t)packed, 4);
    put(to, (uint32_t)file->content.len + file->size_off, 4);
    put(to, (uint32_t)strlen(file->name), 2);
    put(to, 0, 2);
}

static struct buf make(const struct file *files, int count)
{
    static unsigned char room[ROOM];
    struct buf zip = buf_make(ROOM), list = buf_make(ROOM);

    for (int i = 0; i < count; i++) {
        struct text packed = pack(&files[i], room);
        uint32_t offset = (uint32_t)zip.len;
        put(&zip, 0x04034b50, 4);
        put(&zip, 20, 2);
        put_fields(&zip, &files[i], packed.len);
        assert_true(buf_add_text(&zip, files[i].name) && buf_add(&zip, packed.at, packed.len));
        put(&list, 0x02014b50, 4);
        put(&list, 20 << 16 | 20, 4);
        put_fields(&list, &files[i], packed.len);
        put(&list, 0, 8);
        put(&list, 0, 2);
        put(&list, offset, 4);
        assert_true(buf_add_text(&list, files[i].name));
    }
    put(&list, 0x06054b50, 4);
    put(&list, 0, 4);
    put(&list, (uint32_t)(count | count << 16), 4);
    put(&list, (uint32_t)list.len - 12, 4);
    put(&list, (uint32_t)zip.len, 4);
    put(&list, 0, 2);
    assert_true(buf_add(&zip, list.bytes, list.len));
    buf_done(&list);
    return zip;
}

static bool look(const struct file *files, int count, struct sim_zip *ret)
{
    struct buf zip = make(files, count);
    bool fine = sim_zip_look((struct text){zip.bytes, zip.len}, ret);

    buf_done(&zip);
    return fine;
}

static void counts_pictures_of_every_kind_packed_or_not(void **state)
{
    static const struct file FILES[] = {
        {"a.jpg", BYTES(JPEG)},
        {"b.JPEG", BYTES(JPEG), .deflated = true},
        {"folder/c.png", BYTES(PNG), .deflated = true},
        {"d.webp", BYTES(WEBP)},
        {"a.txt", BYTES("a caption"), .deflated = true},
        {"__MACOSX/a.jpg", BYTES("no picture")},
        {"empty/", BYTES("")},
    };
    struct sim_zip zip;

    (void)state;
    assert_true(look(FILES, sizeof FILES / sizeof *FILES, &zip));
    assert_int_equal(zip.pictures, 4);
    assert_true(look(FILES, 0, &zip));
    assert_int_equal(zip.pictures, 0);
}

static void refuses_what_is_not_what_it_says(void **state)
{
    static const struct {
        struct file file;
        const char *why;
    } CASES[] = {
        {{"a.jpg", BYTES(JPEG), .flags = 1}, "encrypted"},
        {{"a.jpg", BYTES("this is a text, not a picture")}, "is none"},
        {{"a.jpg", BYTES("\xff\xd8\xff")}, "is none"},
        {{"a.png", BYTES("GIF89a and what comes behind it"), .deflated = true}, "is none"},
        {{"a.jpg", BYTES(JPEG), .crc_off = 1}, "unpacked"},
        {{"a.jpg", BYTES(JPEG), .deflated = true, .crc_off = 1}, "unpacked"},
        {{"a.jpg", BYTES(JPEG), .deflated = true, .size_off = 1}, "unpacked"},
        {{"a.txt", BYTES("a caption"), .crc_off = 1}, "unpacked"},
        {{"a.txt", BYTES("a caption"), .size_off = SIM_ZIP_ENTRY_MAX}, "unpacked"},
    };
    struct sim_zip zip;

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_false(look(&CASES[i].file, 1, &zip));
        assert_non_null(strstr(zip.why, CASES[i].why));
    }
}

/* 64 MiB of zeros in 64 KiB, and a bit more. */
static void does_not_unpack_a_bomb_to_its_end(void **state)
{
    size_t len = (size_t)SIM_ZIP_ENTRY_MAX + (1 << 20);
    char *zeros = calloc(len, 1);
    struct file bomb = {"a.txt", {zeros, len}, .deflated = true};
    struct sim_zip zip;

    (void)state;
    assert_non_null(zeros);
    assert_false(look(&bomb, 1, &zip));
    bomb.size_off = (uint32_t)-len; /* "0 bytes" */
    assert_false(look(&bomb, 1, &zip));
    free(zeros);
}

static void refuses_every_shortened_or_changed_archive_without_reading_past_it(void **state)
{
    static const struct file FILES[] = {{"a.jpg", BYTES(JPEG), .deflated = true}, {"b.png", BYTES(PNG)}};
    struct buf zip = make(FILES, 2);
    struct sim_zip found;
    char *copy;

    (void)state;
    for (size_t len = 0; len < zip.len; len++) {
        copy = malloc(len + 1); /* exactly as large: the sanitizer sees a step too far */
        memcpy(copy, zip.bytes, len);
        assert_false(sim_zip_look((struct text){copy, len}, &found));
        free(copy);
    }
    copy = malloc(zip.len);
    for (size_t i = 0; i < zip.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, zip.bytes, zip.len);
            copy[i] = (char)(copy[i] ^ 1 << bit);
            (void)sim_zip_look((struct text){copy, zip.len}, &found);
        }
    free(copy);
    assert_false(sim_zip_look(TEXT(JPEG), &found)); /* named .zip */
    buf_done(&zip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_pictures_of_every_kind_packed_or_not),
        cmocka_unit_test(refuses_what_is_not_what_it_says),
        cmocka_unit_test(does_not_unpack_a_bomb_to_its_end),
        cmocka_unit_test(refuses_every_shortened_or_changed_archive_without_reading_past_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
