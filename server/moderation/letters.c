#include "moderation/letters.h"

#include <stdbool.h>
#include <utf8proc.h>

#include "moderation/lookalike.h"

/* The longest decomposition of a character in which words are written; those that are longer are whole phrases. */
enum { PARTS_MAX = 4 };

enum { CYRILLIC_I = 0x438, SHORT_I = 0x439, BREVE = 0x306 };

size_t letters_room(size_t bytes) { return bytes * 2 + PARTS_MAX; }

static bool is_mark(uint32_t c)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);

    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME || category == UTF8PROC_CATEGORY_MC ||
           category == UTF8PROC_CATEGORY_CF;
}

/* All marks go but one: и and й are two letters. */
static size_t add(struct letter *letters, size_t count, struct letter one)
{
    if (one.c == BREVE && count && letters[count - 1].c == CYRILLIC_I) {
        letters[count - 1].c = SHORT_I;
        letters[count - 1].to = one.to;
    }
    if (is_mark(one.c))
        return count;
    one.c = lookalike_plain(one.c);
    letters[count] = one;
    return count + 1;
}

/* Appends what the character at that place becomes. Returns its length in bytes; 0: that is no UTF-8. */
static size_t fold_one(struct text text, size_t at, struct letter *letters, size_t *count)
{
    utf8proc_int32_t c, parts[PARTS_MAX];
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)text.at + at, (utf8proc_ssize_t)(text.len - at), &c);
    utf8proc_ssize_t made;
    int boundary = 0;

    if (used <= 0)
        return 0;
    made = utf8proc_decompose_char(
        c, parts, PARTS_MAX, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
    for (utf8proc_ssize_t i = 0; i < made && i < PARTS_MAX; i++)
        *count = add(letters, *count, (struct letter){(uint32_t)parts[i], (uint32_t)at, (uint32_t)(at + (size_t)used)});
    return (size_t)used;
}

size_t letters_fold(struct text text, struct letter *ret)
{
    size_t count = 0, at = 0, used;

    for (; at < text.len; at += used) {
        unsigned char byte = (unsigned char)text.at[at];
        used = 1;
        if (byte < 0x80) /* most of them, and nothing to decompose */
            ret[count++] =
                (struct letter){byte >= 'A' && byte <= 'Z' ? byte | 0x20U : byte, (uint32_t)at, (uint32_t)at + 1};
        else if (!(used = fold_one(text, at, ret, &count)))
            break;
    }
    return count;
}
