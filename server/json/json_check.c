/* One pass over a JSON text before yajl sees it: depth, NUL, surrogates, UTF-8. It need not know the grammar: yajl
   does, and refuses the rest. */
#include "json/json_check.h"

#include "base/crypto.h"

static int hex4(struct text t, size_t at)
{
    unsigned char two[2];

    if (at + 4 > t.len || !hex_read((struct text){t.at + at, 4}, two, 2))
        return -1;
    return two[0] << 8 | two[1];
}

/* t.at[at] is the 'u' of an escape. The length of the escape behind the backslash, 0: not a character. */
static size_t unicode_escape(struct text t, size_t at)
{
    int unit = hex4(t, at + 1);
    int low;

    if (unit < 0)
        return 1; /* malformed: yajl's to say */
    if (unit == 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return 0;
    if (unit < 0xd800 || unit > 0xdbff)
        return 5;
    if (at + 6 >= t.len || t.at[at + 5] != '\\' || t.at[at + 6] != 'u')
        return 0;
    low = hex4(t, at + 7);
    return low >= 0xdc00 && low <= 0xdfff ? 11 : 0;
}

/* Behind the opening quote; the index behind the closing one (or the end). 0: bad text. */
static size_t skip_string(struct text t, size_t at)
{
    while (at < t.len && t.at[at] != '"') {
        if (t.at[at] == '\0')
            return 0;
        if (t.at[at] != '\\') {
            at++;
            continue;
        }
        size_t skip = at + 1 < t.len && t.at[at + 1] == 'u' ? unicode_escape(t, at + 1) : 1;
        if (skip == 0)
            return 0;
        at += 1 + skip;
    }
    return at + 1;
}

bool json_check(struct text t, int max_depth, struct err *reterr)
{
    int depth = 0;

    if (!text_is_utf8(t))
        return err_set(reterr, ERR_BAD_REQUEST, "json_bad_text", "invalid UTF-8");
    for (size_t at = 0; at < t.len;) {
        char c = t.at[at++];
        if (c == '\0')
            return err_set(reterr, ERR_BAD_REQUEST, "json_bad_text", "NUL byte");
        if (c == '/') /* yajl_tree_parse takes comments, and a quote in one would hide what stands behind it */
            return err_set(reterr, ERR_BAD_REQUEST, "json_malformed", "a comment");
        if (c == '"' && !(at = skip_string(t, at)))
            return err_set(reterr, ERR_BAD_REQUEST, "json_bad_text", "NUL or lone surrogate");
        if ((c == '[' || c == '{') && ++depth > max_depth)
            return err_set(reterr, ERR_BAD_REQUEST, "json_too_deep", "over %d levels", max_depth);
        if (c == ']' || c == '}')
            depth--;
    }
    return true;
}
