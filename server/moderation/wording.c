#include "moderation/wording.h"

#include <string.h>
#include <utf8proc.h>

enum { APOSTROPHE = 0x2019 };

static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

static bool is_letter(uint32_t c)
{
    enum script script;

    return lookalike_is_letter(c, &script);
}

static bool is_solid(uint32_t c) { return is_letter(c) || is_digit(c); }

/* @ and $ stand for a letter beside others, also at the end of a word; ! and | only inside. */
static bool is_in_word(const struct letter *letters, size_t count, size_t i)
{
    uint32_t c = letters[i].c;
    bool before = i > 0 && is_solid(letters[i - 1].c), after = i + 1 < count && is_solid(letters[i + 1].c);

    if (is_solid(c))
        return true;
    if (c == '@' || c == '$' || c == 0x20ac)
        return before || after;
    return (c == '!' || c == '|') && before && after && is_letter(letters[i - 1].c) && is_letter(letters[i + 1].c);
}

static bool is_space(uint32_t c) { return c == ' ' || c == '\t' || c == 0xa0; }

static bool is_weak(uint32_t c)
{
    static const uint32_t WEAK[] = {'-',    '_',    '\'',   '"',    '`',    '*',    '#',        0xab,   0xbb,   0x2010,
                                    0x2011, 0x2012, 0x2013, 0x2018, 0x201c, 0x201d, APOSTROPHE, 0x201e, 0x2212, 0x30fb};

    for (size_t i = 0; i < sizeof WEAK / sizeof *WEAK; i++)
        if (WEAK[i] == c)
            return true;
    return is_space(c);
}

/* What torn words are tied with; not the apostrophe of "who're". */
static bool is_tie(uint32_t c)
{
    static const uint32_t TIES[] = {'.', '-', '_', '*', '~', '+', '=', ':', '|', 0xb7, 0x2010, 0x2011, 0x2022, 0x2219};

    for (size_t i = 0; i < sizeof TIES / sizeof *TIES; i++)
        if (TIES[i] == c)
            return true;
    return false;
}

static void judge_gap(const struct letter *gap, size_t count, struct word *ret)
{
    ret->is_beside = ret->is_listed = true;
    ret->is_tied = count == 1 && is_tie(gap[0].c);
    for (size_t i = 0; i < count; i++)
        if (!is_weak(gap[i].c)) {
            ret->is_beside = false;
            ret->is_listed = ret->is_listed && gap[i].c == ',';
        }
}

/* The s of a woman's is no word. */
static bool is_possessive(const struct letter *letters, size_t count, size_t i)
{
    return i > 1 && letters[i].c == 's' && (letters[i - 1].c == '\'' || letters[i - 1].c == APOSTROPHE) &&
           is_letter(letters[i - 2].c) && (i + 1 == count || !is_in_word(letters, count, i + 1));
}

size_t wording_split(const struct letter *letters, size_t count, struct word *ret)
{
    size_t words = 0, gap = 0;

    for (size_t i = 0; i < count;) {
        struct word *word = &ret[words];
        size_t end = i;

        while (end < count && is_in_word(letters, count, end))
            end++;
        if (end == i || is_possessive(letters, count, i)) {
            i++;
            continue;
        }
        *word = (struct word){.letters = letters + i, .count = (uint32_t)(end - i)};
        if (words)
            judge_gap(letters + gap, i - gap, word);
        words++;
        i = gap = end;
    }
    return words;
}

int wording_number(const struct word *word)
{
    int value = 0;

    for (size_t i = 0; i < word->count; i++) {
        if (i == 3 || !is_digit(word->letters[i].c))
            return -1;
        value = value * 10 + (int)(word->letters[i].c - '0');
    }
    return value;
}

/* Readings */

struct spelling {
    uint32_t c[WORDING_LETTERS_MAX];
    size_t count;
    bool has_letter, has_sign, has_one, has_run;
    bool has[3]; /* by script */
};

/* Runs are cut to three, so that a long one is still a word. False: too long. */
static bool spell(const struct letter *letters, size_t count, struct spelling *s)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t c = letters[i].c;
        enum script script;
        size_t n = s->count;

        if (n >= 2 && s->c[n - 1] == c && s->c[n - 2] == c) {
            s->has_run = true;
            if (n >= 3 && s->c[n - 3] == c)
                continue;
        }
        if (n == WORDING_LETTERS_MAX)
            return false;
        if (lookalike_is_letter(c, &script))
            s->has[script] = s->has_letter = true;
        else
            s->has_sign = true;
        s->has_one = s->has_one || c == '1' || c == '!' || c == '|';
        s->c[s->count++] = c;
    }
    return true;
}

enum signs { SIGNS_KEPT, SIGNS_READ, SIGNS_READ_AS_L };

struct way {
    enum script script;
    enum signs signs;
    size_t longest_run; /* 3: as it stands */
};

static uint32_t read_one(uint32_t c, const struct way *way)
{
    enum script script;

    if (lookalike_is_letter(c, &script))
        return lookalike_letter(c, way->script);
    return way->signs == SIGNS_KEPT ? c : lookalike_of_sign(c, way->script, way->signs == SIGNS_READ_AS_L);
}

/* How many of the same stand where i does. */
static size_t run_at(const struct spelling *s, size_t i, size_t *ret_place)
{
    size_t from = i, to = i + 1;

    while (from && s->c[from - 1] == s->c[i])
        from--;
    while (to < s->count && s->c[to] == s->c[i])
        to++;
    *ret_place = i - from;
    return to - from;
}

static bool read_in(const struct spelling *s, const struct way *way, struct reading *ret)
{
    ret->script = way->script;
    ret->len = 0;
    for (size_t i = 0; i < s->count; i++) {
        uint32_t c = read_one(s->c[i], way);
        size_t place;

        if (!c)
            return false;
        if (run_at(s, i, &place) < 3 || place < way->longest_run)
            ret->len += (size_t)utf8proc_encode_char((utf8proc_int32_t)c, (utf8proc_uint8_t *)ret->text + ret->len);
    }
    ret->text[ret->len] = '\0';
    return true;
}

/* First as it stands. */
static int read_runs(const struct spelling *s, struct way way, struct reading *ret)
{
    int count = 0;

    for (way.longest_run = 3; way.longest_run >= (s->has_run ? 1 : 3); way.longest_run--)
        if (read_in(s, &way, ret + count))
            count++;
    return count;
}

int wording_read(const struct letter *letters, size_t count, struct reading ret[READINGS_MAX])
{
    struct spelling s = {0};
    int made = 0;

    if (!spell(letters, count, &s))
        return 0;
    for (enum script script = SCRIPT_LATIN; script <= SCRIPT_CYRILLIC; script++) {
        if (s.has_letter && !s.has[SCRIPT_FOREIGN] && !s.has[script])
            continue; /* a word of the other script alone is one */
        for (enum signs signs = SIGNS_KEPT; signs <= SIGNS_READ_AS_L; signs++)
            if (signs == SIGNS_KEPT || (s.has_letter && s.has_sign && (signs == SIGNS_READ || s.has_one)))
                made += read_runs(&s, (struct way){script, signs, 3}, ret + made);
    }
    return made;
}
