#include "moderation/lookalike.h"

#include <stddef.h>

struct pair {
    uint32_t c, letter;
};

/* Cyrillic that reads as Latin. The last ones belong to other alphabets than the Russian one. */
static const struct pair LATIN[] = {
    {0x430, 'a'}, {0x432, 'b'}, {0x433, 'r'}, {0x435, 'e'}, {0x437, 'e'}, {0x438, 'u'}, {0x43a, 'k'},
    {0x43c, 'm'}, {0x43d, 'h'}, {0x43e, 'o'}, {0x43f, 'n'}, {0x440, 'p'}, {0x441, 'c'}, {0x442, 't'},
    {0x443, 'y'}, {0x445, 'x'}, {0x44c, 'b'}, {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'}, {0x4bb, 'h'},
    {0x4cf, 'l'}, {0x501, 'd'}, {0x51b, 'q'}, {0x51d, 'w'}, {0x4d9, 'e'}, {0x475, 'v'},
};

/* Latin that reads as Cyrillic. */
static const struct pair CYRILLIC[] = {
    {'a', 0x430}, {'b', 0x432}, {'c', 0x441}, {'e', 0x435}, {'h', 0x43d}, {'i', 0x438}, {'k', 0x43a}, {'m', 0x43c},
    {'n', 0x43f}, {'o', 0x43e}, {'p', 0x440}, {'r', 0x433}, {'t', 0x442}, {'u', 0x438}, {'x', 0x445}, {'y', 0x443},
};

/* Of neither: Greek first. */
struct foreign {
    uint32_t c, latin, cyrillic;
};
static const struct foreign FOREIGN[] = {
    {0x3b1, 'a', 0x430}, {0x3b2, 'b', 0x432}, {0x3b3, 'y', 0x443}, {0x3b5, 'e', 0x435}, {0x3b7, 'n', 0x43f},
    {0x3b9, 'i', 0},     {0x3ba, 'k', 0x43a}, {0x3bc, 'u', 0},     {0x3bd, 'v', 0},     {0x3bf, 'o', 0x43e},
    {0x3c0, 'n', 0x43f}, {0x3c1, 'p', 0x440}, {0x3c3, 'o', 0x43e}, {0x3c4, 't', 0x442}, {0x3c5, 'u', 0x438},
    {0x3c6, 0, 0x444},   {0x3c7, 'x', 0x445}, {0x3c9, 'w', 0x448}, {0x131, 'i', 0},     {0x251, 'a', 0x430},
    {0x261, 'g', 0},     {0x269, 'i', 0},     {0x25b, 'e', 0x437}, {0x1dd, 'e', 0},     {0x259, 'e', 0},
    {0xf0, 'd', 0},      {0x111, 'd', 0},     {0x142, 'l', 0},     {0xf8, 'o', 0x43e},  {0x180, 'b', 0x432},
    {0x26f, 'w', 0x448},
};

static const char SMALL_CAPITALS[] = "abcdefghijklmnoprstuvwyz";
static const uint32_t SMALL_CAPITAL[] = {0x1d00, 0x299,  0x1d04, 0x1d05, 0x1d07, 0xa730, 0x262,  0x29c,
                                         0x26a,  0x1d0a, 0x1d0b, 0x29f,  0x1d0d, 0x274,  0x1d0f, 0x1d18,
                                         0x280,  0xa731, 0x1d1b, 0x1d1c, 0x1d20, 0x1d21, 0x28f,  0x1d22};

static uint32_t look_up(const struct pair *pairs, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (pairs[i].c == c)
            return pairs[i].letter;
    return 0;
}

static const struct foreign *foreign_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof FOREIGN / sizeof *FOREIGN; i++)
        if (FOREIGN[i].c == c)
            return &FOREIGN[i];
    return NULL;
}

static bool is_latin(uint32_t c) { return c >= 'a' && c <= 'z'; }
static bool is_russian(uint32_t c) { return c >= 0x430 && c <= 0x44f; }

bool lookalike_is_letter(uint32_t c, enum script *ret)
{
    *ret = is_latin(c) ? SCRIPT_LATIN : is_russian(c) ? SCRIPT_CYRILLIC : SCRIPT_FOREIGN;
    return *ret != SCRIPT_FOREIGN || foreign_of(c) || (c >= 0x450 && look_up(LATIN, sizeof LATIN / sizeof *LATIN, c));
}

uint32_t lookalike_letter(uint32_t c, enum script script)
{
    const struct foreign *foreign;

    if (script == SCRIPT_LATIN ? is_latin(c) : is_russian(c))
        return c;
    if ((foreign = foreign_of(c)))
        return script == SCRIPT_LATIN ? foreign->latin : foreign->cyrillic;
    return script == SCRIPT_LATIN ? look_up(LATIN, sizeof LATIN / sizeof *LATIN, c)
                                  : look_up(CYRILLIC, sizeof CYRILLIC / sizeof *CYRILLIC, c);
}

uint32_t lookalike_of_sign(uint32_t c, enum script script, bool one_is_l)
{
    static const struct foreign SIGNS[] = {
        {'0', 'o', 0x43e}, {'3', 'e', 0x437}, {'4', 'a', 0x447}, {'5', 's', 0},     {'6', 0, 0x431},
        {'7', 't', 0},     {'8', 'b', 0x432}, {'@', 'a', 0x430}, {'$', 's', 0x441}, {0x20ac, 'e', 0x435},
    };

    if (c == '1' || c == '!' || c == '|')
        return script == SCRIPT_CYRILLIC ? 0x438 : one_is_l ? 'l' : 'i';
    for (size_t i = 0; i < sizeof SIGNS / sizeof *SIGNS; i++)
        if (SIGNS[i].c == c)
            return script == SCRIPT_LATIN ? SIGNS[i].latin : SIGNS[i].cyrillic;
    return 0;
}

uint32_t lookalike_plain(uint32_t c)
{
    static const uint32_t ALPHABETS[] = {0x1f130, 0x1f150, 0x1f170, 0x1f1e6}; /* in squares, circles, of flags */

    for (size_t i = 0; i < sizeof ALPHABETS / sizeof *ALPHABETS; i++)
        if (c >= ALPHABETS[i] && c < ALPHABETS[i] + 26)
            return 'a' + (c - ALPHABETS[i]);
    for (size_t i = 0; i < sizeof SMALL_CAPITAL / sizeof *SMALL_CAPITAL; i++)
        if (SMALL_CAPITAL[i] == c)
            return (uint32_t)SMALL_CAPITALS[i];
    return c;
}
