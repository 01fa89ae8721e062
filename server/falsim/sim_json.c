#include "falsim/sim_json.h"

#include <stdlib.h>
#include <string.h>

#include "json/json_in.h"
#include "json/json_out.h"

struct style {
    bool python;
    const char *comma, *colon;
};

static bool add_value(struct buf *to, yajl_val value, const struct style *style);

/* The code point at s of valid UTF-8 and its length. */
static unsigned code_point(const unsigned char *s, size_t *retlen)
{
    *retlen = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    switch (*retlen) {
    case 1: return s[0];
    case 2: return (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
    case 3: return (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
    default: return (s[0] & 0x07u) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6 | (s[3] & 0x3fu);
    }
}

static bool add_code_point(struct buf *to, unsigned c)
{
    static const char PLAIN[] = "\"\\\b\f\n\r\t", LETTERS[] = "\"\\bfnrt";
    const char *found = c && c < 0x80 ? strchr(PLAIN, (int)c) : NULL;

    if (found)
        return buf_add_format(to, "\\%c", LETTERS[found - PLAIN]);
    if (c >= 0x20 && c < 0x7f)
        return buf_add(to, &(char){(char)c}, 1);
    if (c < 0x10000)
        return buf_add_format(to, "\\u%04x", c);
    c -= 0x10000;
    return buf_add_format(to, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

static bool add_python_text(struct buf *to, const char *text)
{
    bool ok = buf_add(to, "\"", 1);
    size_t len;

    for (const unsigned char *s = (const unsigned char *)text; ok && *s; s += len)
        ok = add_code_point(to, code_point(s, &len));
    return ok && buf_add(to, "\"", 1);
}

static bool add_text(struct buf *to, const char *text, const struct style *style)
{
    struct json_out out = json_out_begin(to);

    if (style->python)
        return add_python_text(to, text);
    json_text(&out, text_of(text));
    return !out.overflow;
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static bool add_object(struct buf *to, yajl_val object, const struct style *style)
{
    size_t count = YAJL_GET_OBJECT(object)->len;
    const char **keys = malloc((count + 1) * sizeof *keys);
    bool ok = buf_add(to, "{", 1);

    if (!keys)
        abort();
    for (size_t i = 0; i < count; i++)
        keys[i] = YAJL_GET_OBJECT(object)->keys[i];
    if (style->python)
        qsort(keys, count, sizeof *keys, by_text);
    for (size_t i = 0; ok && i < count; i++)
        ok = (!i || buf_add_text(to, style->comma)) && add_text(to, keys[i], style) && buf_add_text(to, style->colon) &&
             add_value(to, json_get(object, keys[i]), style);
    free(keys);
    return ok && buf_add(to, "}", 1);
}

static bool add_array(struct buf *to, yajl_val array, const struct style *style)
{
    bool ok = buf_add(to, "[", 1);

    for (size_t i = 0; ok && i < YAJL_GET_ARRAY(array)->len; i++)
        ok = (!i || buf_add_text(to, style->comma)) && add_value(to, YAJL_GET_ARRAY(array)->values[i], style);
    return ok && buf_add(to, "]", 1);
}

static bool add_value(struct buf *to, yajl_val value, const struct style *style)
{
    if (YAJL_IS_OBJECT(value))
        return add_object(to, value, style);
    if (YAJL_IS_ARRAY(value))
        return add_array(to, value, style);
    if (YAJL_IS_STRING(value))
        return add_text(to, YAJL_GET_STRING(value), style);
    if (YAJL_IS_NUMBER(value))
        return buf_add_text(to, YAJL_GET_NUMBER(value));
    return buf_add_text(to, YAJL_IS_TRUE(value) ? "true" : YAJL_IS_FALSE(value) ? "false" : "null");
}

bool sim_json_python(struct buf *to, yajl_val value) { return add_value(to, value, &(struct style){true, ", ", ": "}); }

bool sim_json_compact(struct buf *to, yajl_val value) { return add_value(to, value, &(struct style){false, ",", ":"}); }
