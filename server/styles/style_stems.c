#include "styles/style_stems.h"

#include <string.h>

/* Letters and digits in rows, with how far their small ones are. */
static const struct {
    uint32_t first, last;
    int32_t to_small;
} LETTERS[] = {
    {'0', '9', 0},        {'A', 'Z', 0x20},  {'a', 'z', 0},         {0xc0, 0xd6, 0x20}, {0xd8, 0xde, 0x20},
    {0xdf, 0xf6, 0},      {0xf8, 0x400, 0},  {0x401, 0x401, 0x34},  {0x402, 0x40f, 0}, /* Ё as е */
    {0x410, 0x42f, 0x20}, {0x430, 0x450, 0}, {0x451, 0x451, -0x1c},                    /* ё */
    {0x452, 0x1fff, 0},
};

/* The small letter of it; 0: it is no letter and no digit. */
static uint32_t letter_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof LETTERS / sizeof LETTERS[0]; i++)
        if (c >= LETTERS[i].first && c <= LETTERS[i].last)
            return (uint32_t)((int32_t)c + LETTERS[i].to_small);
    return 0;
}

static size_t length_of(unsigned char first) { return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4; }

/* Letters below U+0800 take one or two bytes, the others three. */
static size_t write_letter(uint32_t c, char to[3])
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | c >> 12);
    to[1] = (char)(0x80 | (c >> 6 & 0x3f));
    to[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

/* False: the text is at its end, or the word is too long. */
static bool cut_word(struct text *rest, char to[STYLE_WORD_ROOM])
{
    size_t at = 0, used = 0;

    while (at < rest->len && !letter_of(text_code_point(*rest, at)))
        at += length_of((unsigned char)rest->at[at]);
    while (at < rest->len) {
        uint32_t c = letter_of(text_code_point(*rest, at));
        char bytes[3];
        size_t len = c ? write_letter(c, bytes) : 0;
        if (!c)
            break;
        if (used + len < STYLE_WORD_ROOM)
            memcpy(to + used, bytes, len);
        used += len;
        at += length_of((unsigned char)rest->at[at]);
    }
    *rest = (struct text){rest->at + at, rest->len - at};
    to[used < STYLE_WORD_ROOM ? used : 0] = '\0';
    return *to;
}

static bool is_russian(const char *word) { return (unsigned char)*word == 0xd0 || (unsigned char)*word == 0xd1; }

bool style_stems_next(struct text *rest, struct stemmer *stemmer, struct style_stem *ret)
{
    while (rest->len)
        if (cut_word(rest, ret->word)) {
            enum stem_language language = is_russian(ret->word) ? STEM_RUSSIAN : STEM_ENGLISH;
            if (!text_copy(ret->stem, sizeof ret->stem, stemmer_stem(stemmer, language, text_of(ret->word))))
                continue;
            return true;
        }
    return false;
}

void style_stems_add(struct style_stems *stems, struct stemmer *stemmer, const char *text, int weight)
{
    struct text rest = text_of(text);

    while (stems->count < STYLE_STEMS_MAX && style_stems_next(&rest, stemmer, &stems->at[stems->count]))
        if (!style_stems_is_small(stems->at[stems->count].word))
            stems->at[stems->count++].weight = weight;
}

bool style_stems_is_small(const char *word)
{
    static const char *const SMALL[] = {"a",   "an", "and",  "at", "by", "for", "from", "in", "of", "on", "or",
                                        "the", "to", "with", "в",  "во", "для", "до",   "и",  "из", "к",  "ко",
                                        "на",  "о",  "об",   "от", "по", "под", "с",    "со", "у"};

    for (size_t i = 0; i < sizeof SMALL / sizeof SMALL[0]; i++)
        if (strcmp(SMALL[i], word) == 0)
            return true;
    return false;
}

/* Russian letters have two bytes each. */
static bool is_vowel_that_goes(const char *letter)
{
    return memcmp(letter, "о", 2) == 0 || memcmp(letter, "е", 2) == 0;
}

/* "замк" is "замок" without the vowel before its last letter. */
static bool lacks_vowel(const char *shorter, const char *longer)
{
    size_t len = strlen(longer);

    return len >= 8 && is_russian(longer) && strlen(shorter) == len - 2 && is_vowel_that_goes(longer + len - 4) &&
           memcmp(shorter, longer, len - 4) == 0 && memcmp(shorter + len - 4, longer + len - 2, 2) == 0;
}

int style_stems_fit(const struct style_stem *asked, const struct style_stem *there)
{
    size_t len = strlen(asked->word);

    if (strcmp(asked->stem, there->stem) == 0)
        return 2;
    if (text_code_points(text_of(asked->word)) >= 3 && strncmp(asked->word, there->word, len) == 0)
        return 1;
    return lacks_vowel(asked->stem, there->stem) || lacks_vowel(there->stem, asked->stem);
}
