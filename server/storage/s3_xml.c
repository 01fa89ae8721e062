#include "storage/s3_xml.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAME_ROOM = 40, DEPTH_KEPT = 3, DEPTH_MAX = 20 };

struct reading {
    XML_Parser parser;
    int depth;
    char names[DEPTH_KEPT][NAME_ROOM]; /* of the open elements, the root first */
    char value[S3_XML_VALUE_ROOM];     /* text of the innermost one so far */
    size_t len;
    bool overlong;
    void (*on_value)(struct reading *reading); /* an element without others in it has ended; depth is its own, from 1 */
    /* of s3_xml_value */
    const char *root, *name;
    char *to;
    size_t room;
    bool found, fits;
    /* of s3_xml_list */
    s3_object_fn fn;
    void *owner;
    char key[S3_XML_VALUE_ROOM];
    struct s3_object object;
    bool more, is_list, broken;
};

static bool is_at(const struct reading *reading, int depth, const char *name)
{
    return reading->depth == depth && strcmp(reading->names[depth - 1], name) == 0;
}

static void on_begin(void *owner, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *reading = owner;

    (void)attributes;
    if (++reading->depth > DEPTH_MAX)
        (void)XML_StopParser(reading->parser, XML_FALSE);
    if (reading->depth <= DEPTH_KEPT)
        (void)text_copy(reading->names[reading->depth - 1], NAME_ROOM, text_of(name));
    reading->len = 0;
    reading->overlong = false;
}

static void on_end(void *owner, const XML_Char *name)
{
    struct reading *reading = owner;

    (void)name;
    reading->value[reading->len] = '\0';
    if (reading->depth <= DEPTH_KEPT)
        reading->on_value(reading);
    reading->len = 0;
    reading->depth--;
}

static void on_text(void *owner, const XML_Char *text, int len)
{
    struct reading *reading = owner;

    reading->overlong = reading->overlong || (size_t)len >= sizeof reading->value - reading->len;
    if (reading->overlong)
        return;
    memcpy(reading->value + reading->len, text, (size_t)len);
    reading->len += (size_t)len;
}

/* No S3 has one; without it there are no entities but the five of XML. */
static void on_doctype(void *owner, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
    struct reading *reading = owner;

    (void)name, (void)system, (void)public, (void)internal;
    (void)XML_StopParser(reading->parser, XML_FALSE);
}

static bool read_xml(struct reading *reading, struct text xml)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");
    bool ok;

    if (!parser)
        abort();
    reading->parser = parser;
    XML_SetUserData(parser, reading);
    XML_SetElementHandler(parser, on_begin, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    ok = xml.len <= INT_MAX && XML_Parse(parser, xml.len ? xml.at : "", (int)xml.len, 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    return ok;
}

static void on_any_value(struct reading *reading)
{
    if (reading->found || !is_at(reading, 2, reading->name) || strcmp(reading->names[0], reading->root) != 0)
        return;
    reading->found = true;
    reading->fits =
        !reading->overlong && text_copy(reading->to, reading->room, (struct text){reading->value, reading->len});
}

bool s3_xml_value(struct text xml, const char *root, const char *name, char *to, size_t room)
{
    struct reading reading = {.on_value = on_any_value, .root = root, .name = name, .to = to, .room = room};

    to[0] = '\0';
    if (xml.len && read_xml(&reading, xml) && reading.fits)
        return true;
    to[0] = '\0';
    return false;
}

static bool digits(const char *at, size_t len, int max, int *ret)
{
    int64_t value;

    if (!text_int64((struct text){at, len}, 0, max, &value))
        return false;
    *ret = (int)value;
    return true;
}

/* "2026-01-15T10:00:00.000Z" */
static bool read_time(struct text t, int64_t *ret)
{
    struct tm utc = {0};
    const char *at = t.at;

    if (t.len < 20 || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':' ||
        at[t.len - 1] != 'Z')
        return false;
    if (!digits(at, 4, 9999, &utc.tm_year) || !digits(at + 5, 2, 12, &utc.tm_mon) ||
        !digits(at + 8, 2, 31, &utc.tm_mday) || !digits(at + 11, 2, 23, &utc.tm_hour) ||
        !digits(at + 14, 2, 59, &utc.tm_min) || !digits(at + 17, 2, 60, &utc.tm_sec))
        return false;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    *ret = timegm(&utc);
    return true;
}

static void on_object_value(struct reading *reading)
{
    struct text value = {reading->value, reading->len};

    if (reading->overlong)
        reading->broken = true;
    else if (is_at(reading, 3, "Key"))
        reading->object.key =
            (struct text){reading->key, text_copy(reading->key, sizeof reading->key, value) ? value.len : 0};
    else if (is_at(reading, 3, "Size"))
        reading->broken |= !text_int64(value, 0, INT64_MAX, &reading->object.bytes);
    else if (is_at(reading, 3, "LastModified"))
        reading->broken |= !read_time(value, &reading->object.written_s);
}

static void on_list_value(struct reading *reading)
{
    if (reading->depth == 3 && strcmp(reading->names[1], "Contents") == 0)
        on_object_value(reading);
    if (is_at(reading, 2, "IsTruncated"))
        reading->more = strcmp(reading->value, "true") == 0;
    if (is_at(reading, 1, "ListBucketResult"))
        reading->is_list = true;
    if (!is_at(reading, 2, "Contents"))
        return;
    if (reading->object.key.len && !reading->broken)
        reading->fn(reading->owner, &reading->object);
    reading->object = (struct s3_object){0};
}

bool s3_xml_list(struct text xml, s3_object_fn fn, void *owner, bool *ret_more)
{
    struct reading reading = {.on_value = on_list_value, .fn = fn, .owner = owner};

    *ret_more = false;
    if (!read_xml(&reading, xml) || !reading.is_list || reading.broken)
        return false;
    *ret_more = reading.more;
    return true;
}
