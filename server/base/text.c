#include "base/text.h"

#include <string.h>
#include <strings.h>

struct text text_of(const char *c_string) { return (struct text){c_string, strlen(c_string)}; }

bool text_equal(struct text a, struct text b) { return a.len == b.len && (!a.len || memcmp(a.at, b.at, a.len) == 0); }

bool text_equal_ignoring_case(struct text a, struct text b)
{
    return a.len == b.len && (!a.len || strncasecmp(a.at, b.at, a.len) == 0);
}

bool text_starts(struct text t, struct text prefix)
{
    return t.len >= prefix.len && (!prefix.len || memcmp(t.at, prefix.at, prefix.len) == 0);
}

struct text text_trim(struct text t)
{
    for (; t.len && (*t.at == ' ' || *t.at == '\t'); t.at++)
        t.len--;
    while (t.len && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
        t.len--;
    return t;
}

struct text text_cut(struct text *rest, char separator)
{
    struct text before = *rest;
    const char *found = rest->len ? memchr(rest->at, separator, rest->len) : NULL;

    if (!found) {
        *rest = (struct text){NULL, 0};
        return before;
    }
    before.len = (size_t)(found - before.at);
    *rest = (struct text){found + 1, rest->len - before.len - 1};
    return before;
}

bool text_copy(char *to, size_t room, struct text t)
{
    to[0] = '\0';
    if (t.len >= room)
        return false;
    if (t.len)
        memcpy(to, t.at, t.len);
    to[t.len] = '\0';
    return true;
}

bool text_int64(struct text t, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = t.len && t.at[0] == '-';
    int64_t value = 0;

    if (t.len == (size_t)negative || t.len > 20)
        return false;
    for (size_t i = negative; i < t.len; i++) {
        int digit = t.at[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) /* downwards: INT64_MIN has no positive twin */
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, value, &value))
        return false;
    *ret = value;
    return value >= min && value <= max;
}

bool text_uint64(struct text t, uint64_t *ret)
{
    uint64_t value = 0;

    if (!t.len || t.len > 20)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        int digit = t.at[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *ret = value;
    return true;
}

/* Length of the well-formed sequence at s, 0 when there is none (Unicode 15, table 3-7). */
static size_t sequence(const unsigned char *s, size_t left)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t len;

    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (s[0] == 0xe0)
        low = 0xa0;
    else if (s[0] == 0xed)
        high = 0x9f;
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f;
    if (left < len || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

bool text_is_utf8(struct text t)
{
    for (size_t i = 0, len; i < t.len; i += len)
        if (!(len = sequence((const unsigned char *)t.at + i, t.len - i)))
            return false;
    return true;
}

size_t text_code_points(struct text t)
{
    size_t count = 0;

    for (size_t i = 0; i < t.len; i++)
        count += ((unsigned char)t.at[i] & 0xc0) != 0x80;
    return count;
}

uint32_t text_code_point(struct text t, size_t at)
{
    unsigned char lead = (unsigned char)t.at[at];
    uint32_t value = lead < 0x80 ? lead : lead < 0xe0 ? lead & 0x1fU : lead < 0xf0 ? lead & 0x0fU : lead & 0x07U;

    for (at++; at < t.len && ((unsigned char)t.at[at] & 0xc0) == 0x80; at++)
        value = value << 6 | ((unsigned char)t.at[at] & 0x3fU);
    return value;
}

static bool is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
}

bool text_is_blank(struct text t)
{
    for (size_t at = 0; at < t.len; at++)
        if (((unsigned char)t.at[at] & 0xc0) != 0x80 && !is_space(text_code_point(t, at)))
            return false;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_percent_decode(struct text t, char *to, size_t room)
{
    size_t used = 0;

    for (size_t i = 0; i < t.len; i++) {
        char c = t.at[i] == '+' ? ' ' : t.at[i];
        if (c == '%') {
            int high = i + 2 < t.len ? hex_digit(t.at[i + 1]) : -1;
            int low = i + 2 < t.len ? hex_digit(t.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0' || used + 1 >= room)
            return false;
        to[used++] = c;
    }
    to[used] = '\0';
    return true;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

bool text_percent_encode(struct text t, char *to, size_t room)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    size_t used = 0;

    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.at[i];
        if (used + (is_unreserved(t.at[i]) ? 1 : 3) >= room) {
            to[0] = '\0';
            return false;
        }
        if (is_unreserved(t.at[i])) {
            to[used++] = t.at[i];
            continue;
        }
        to[used++] = '%';
        to[used++] = DIGITS[c >> 4];
        to[used++] = DIGITS[c & 15];
    }
    to[used] = '\0';
    return true;
}
