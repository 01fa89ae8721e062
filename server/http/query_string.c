#include "http/query_string.h"

#include <stdio.h>
#include <string.h>

#include "base/uuid.h"

enum { MAX_VALUE = 20 * 1024 /* a prompt that is far too long: its form shows it again */ };

static bool read_text(const struct query_field *f, struct text value, char *at, struct faults *faults)
{
    if (!text_is_utf8(value))
        return faults_add(faults, f->name, "bad_text");
    if ((int64_t)text_code_points(value) > f->max || !text_copy(at, f->size, value))
        return faults_add_range(faults, f->name, "too_long", 0, f->max);
    return true;
}

static void read_value(const struct query_field *f, struct text value, char *at, struct faults *faults)
{
    switch (f->type) {
    case QUERY_TEXT: (void)read_text(f, value, at, faults); return;
    case QUERY_INT64: {
        int64_t number;
        if (text_int64(value, f->min, f->max, &number))
            memcpy(at, &number, sizeof number);
        else
            (void)faults_add_range(faults, f->name, "out_of_range", f->min, f->max);
        return;
    }
    case QUERY_UUID:
        if (!uuid_read(value, (struct uuid *)at))
            (void)faults_add(faults, f->name, "not_a_uuid");
        return;
    case QUERY_BOOL:
        if (text_equal(value, TEXT("true")) || text_equal(value, TEXT("false")))
            *(bool *)at = value.at[0] == 't';
        else
            (void)faults_add(faults, f->name, "not_a_boolean");
    }
}

static const struct query_field *field_named(const struct query_field *fields, const char *name)
{
    for (const struct query_field *f = fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static void read_pair(struct text pair, const struct query_field *fields, void *ret, unsigned *seen,
                      struct faults *faults)
{
    struct text raw_name = text_cut(&pair, '=');
    char name[64], value[MAX_VALUE];
    const struct query_field *f = NULL;

    if (text_percent_decode(raw_name, name, sizeof name))
        f = field_named(fields, name);
    if (!f) {
        (void)faults_add_what(faults, "", "unknown_parameter", raw_name);
        return;
    }
    if (*seen & 1u << (f - fields)) {
        (void)faults_add(faults, f->name, "repeated");
        return;
    }
    *seen |= 1u << (f - fields);
    if (!text_percent_decode(pair.at ? pair : TEXT(""), value, sizeof value)) {
        if (f->type == QUERY_TEXT && pair.len >= sizeof value)
            (void)faults_add_range(faults, f->name, "too_long", 0, f->max);
        else
            (void)faults_add(faults, f->name, "bad_text");
        return;
    }
    if (f->present)
        *((bool *)((char *)ret + f->present)) = true;
    read_value(f, text_of(value), (char *)ret + f->offset, faults);
}

bool query_string_decode(struct text query, const struct query_field *fields, void *ret, struct faults *faults)
{
    int before = faults->count;
    unsigned seen = 0;

    while (query.at && faults->count < FAULTS_MAX) {
        struct text pair = text_cut(&query, '&');
        if (pair.len)
            read_pair(pair, fields, ret, &seen, faults);
    }
    return faults->count == before;
}

bool query_string_find(struct text query, const char *name, char *to, size_t room)
{
    *to = '\0';
    while (query.at) {
        struct text value = text_cut(&query, '&'), raw_name = text_cut(&value, '=');
        if (text_equal(raw_name, text_of(name)))
            return text_percent_decode(value.at ? value : TEXT(""), to, room);
    }
    return false;
}
