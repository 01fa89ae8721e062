#include "base/text_shorten.h"

enum { JOINER = 0x200d };

/* Ranges of code points that belong to the one before them: marks of the common scripts, joiner, variation selectors,
   skin tones, tags. A shortened text needs no more of UAX #29. */
static bool extends(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } MARKS[] = {{0x300, 0x36f},     {0x483, 0x489},    {0x591, 0x5c7},   {0x610, 0x61a},   {0x64b, 0x65f},
                 {0x670, 0x670},     {0x6d6, 0x6dc},    {0x900, 0x903},   {0x93a, 0x94f},   {0xe31, 0xe31},
                 {0xe34, 0xe3a},     {0xe47, 0xe4e},    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {JOINER, JOINER},
                 {0x20d0, 0x20ff},   {0x3099, 0x309a},  {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff},
                 {0xe0020, 0xe007f}, {0xe0100, 0xe01ef}};

    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (c >= MARKS[i].from && c <= MARKS[i].to)
            return true;
    return false;
}

static bool is_flag_letter(uint32_t c) { return c >= 0x1f1e6 && c <= 0x1f1ff; }

static size_t before(struct text t, size_t at)
{
    for (at--; at && ((unsigned char)t.at[at] & 0xc0) == 0x80; at--)
        ;
    return at;
}

/* Flags are pairs of letters: an odd number of them in front means that a pair would be torn apart. */
static bool tears_flag(struct text t, size_t at)
{
    size_t letters = 0;

    if (!is_flag_letter(text_code_point(t, at)))
        return false;
    while (at && is_flag_letter(text_code_point(t, before(t, at)))) {
        at = before(t, at);
        letters++;
    }
    return letters % 2 == 1;
}

static bool is_inside(struct text t, size_t at)
{
    return extends(text_code_point(t, at)) || text_code_point(t, before(t, at)) == JOINER || tears_flag(t, at);
}

struct text text_shorten(struct text t, size_t count)
{
    size_t end = 0, cut;

    if (t.len <= count)
        return t;
    for (size_t seen = 0; end < t.len; end++)
        if (((unsigned char)t.at[end] & 0xc0) != 0x80 && seen++ == count)
            break;
    if (end == t.len)
        return t;
    for (cut = end; cut && is_inside(t, cut);)
        cut = before(t, cut);
    return (struct text){t.at, cut ? cut : end};
}
