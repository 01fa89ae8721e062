#include "photos/photo_verdict.h"

/* Controls, and what turns the direction of text: a name could read as another one. */
static bool is_unfit(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || c == 0x61c ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static size_t sequence_len(unsigned char first) { return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4; }

static struct text last_segment(struct text name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '/' || name.at[i - 1] == '\\')
            return (struct text){name.at + i, name.len - i};
    return name;
}

void photo_file_name(struct text sent, char to[4 * PHOTO_FILE_NAME_MAX + 1])
{
    struct text name = last_segment(sent);
    size_t used = 0, count = 0;

    *to = '\0';
    if (!name.at || !text_is_utf8(name))
        return;
    for (size_t i = 0, len; i < name.len && count < PHOTO_FILE_NAME_MAX; i += len) {
        len = sequence_len((unsigned char)name.at[i]);
        if (is_unfit(text_code_point(name, i)))
            continue;
        for (size_t b = 0; b < len; b++)
            to[used++] = name.at[i + b];
        count++;
    }
    to[used] = '\0';
}
