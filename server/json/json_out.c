#include "json/json_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct json_out json_out_begin(struct buf *buf) { return (struct json_out){.buf = buf}; }

static void add(struct json_out *out, const char *bytes, size_t len)
{
    if (!out->overflow && !buf_add(out->buf, bytes, len))
        out->overflow = true;
}

/* Before every value: the comma that separates it from the one before. */
static void separate(struct json_out *out)
{
    if (out->comma)
        add(out, ",", 1);
    out->comma = true;
}

static void open_with(struct json_out *out, const char *bracket)
{
    separate(out);
    add(out, bracket, 1);
    out->comma = false;
}

static void close_with(struct json_out *out, const char *bracket)
{
    add(out, bracket, 1);
    out->comma = true;
}

void json_object(struct json_out *out) { open_with(out, "{"); }
void json_end_object(struct json_out *out) { close_with(out, "}"); }
void json_array(struct json_out *out) { open_with(out, "["); }
void json_end_array(struct json_out *out) { close_with(out, "]"); }

/* What was written into reserved room ends here. */
static void end_at(struct json_out *out, char *end)
{
    out->buf->len = (size_t)(end - out->buf->bytes);
    *end = '\0';
    out->comma = true;
}

void json_key(struct json_out *out, const char *key)
{
    size_t len = strlen(key);
    char *at = out->overflow ? NULL : buf_reserve(out->buf, len + 4);

    if (!at) {
        out->overflow = true;
        return;
    }
    if (out->comma)
        *at++ = ',';
    *at++ = '"';
    memcpy(at, key, len);
    at += len;
    *at++ = '"';
    *at++ = ':';
    end_at(out, at);
    out->comma = false;
}

/* The escape for each byte: 0 none, 'u' as \u00XX, else the letter behind the backslash. */
static const char ESCAPE[256] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u',         'u',           'u',          'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['\\'] = '\\', [0x7f] = 'u',
};

static void add_escape(struct json_out *out, unsigned char c)
{
    char escape[7] = {'\\', ESCAPE[c]};

    if (ESCAPE[c] == 'u')
        (void)snprintf(escape, sizeof escape, "\\u%04x", c);
    add(out, escape, strlen(escape));
}

void json_text(struct json_out *out, struct text value)
{
    size_t done = 0;

    separate(out);
    add(out, "\"", 1);
    for (size_t i = 0; i < value.len; i++) {
        if (!ESCAPE[(unsigned char)value.at[i]])
            continue;
        add(out, value.at + done, i - done);
        add_escape(out, (unsigned char)value.at[i]);
        done = i + 1;
    }
    add(out, value.at + done, value.len - done);
    add(out, "\"", 1);
}

void json_plain(struct json_out *out, struct text value)
{
    char *at = out->overflow ? NULL : buf_reserve(out->buf, value.len + 3);

    if (!at) {
        out->overflow = true;
        return;
    }
    if (out->comma)
        *at++ = ',';
    *at++ = '"';
    if (value.len)
        memcpy(at, value.at, value.len);
    at += value.len;
    *at++ = '"';
    end_at(out, at);
}

void json_int64(struct json_out *out, int64_t value)
{
    char digits[24];

    separate(out);
    add(out, digits, (size_t)snprintf(digits, sizeof digits, "%" PRId64, value));
}

void json_double(struct json_out *out, double value)
{
    char digits[340];
    int len = snprintf(digits, sizeof digits, "%.6f", value);

    while (len > 1 && digits[len - 1] == '0')
        len--;
    if (digits[len - 1] == '.')
        len--;
    separate(out);
    add(out, digits, (size_t)len);
}

void json_bool(struct json_out *out, bool value) { json_raw(out, value ? TEXT("true") : TEXT("false")); }

void json_null(struct json_out *out) { json_raw(out, TEXT("null")); }

void json_raw(struct json_out *out, struct text json)
{
    separate(out);
    add(out, json.at, json.len);
}

void json_key_text(struct json_out *out, const char *key, const char *value)
{
    json_key(out, key);
    if (value)
        json_text(out, text_of(value));
    else
        json_null(out);
}

void json_key_int64(struct json_out *out, const char *key, int64_t value)
{
    json_key(out, key);
    json_int64(out, value);
}

void json_key_double(struct json_out *out, const char *key, double value)
{
    json_key(out, key);
    json_double(out, value);
}

void json_key_bool(struct json_out *out, const char *key, bool value)
{
    json_key(out, key);
    json_bool(out, value);
}

void json_key_null(struct json_out *out, const char *key)
{
    json_key(out, key);
    json_null(out);
}

void json_key_raw(struct json_out *out, const char *key, struct text json)
{
    json_key(out, key);
    json_raw(out, json);
}
