#include "json/json_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "json/json_check.h"

bool json_parse(struct text document, yajl_val *ret, struct err *reterr)
{
    char why[160] = "";
    char *copy;

    *ret = NULL;
    if (!json_check(document, JSON_MAX_DEPTH, reterr))
        return false;
    copy = malloc(document.len + 1); /* yajl_tree_parse wants a NUL behind it */
    if (!copy)
        abort();
    if (document.len)
        memcpy(copy, document.at, document.len);
    copy[document.len] = '\0';
    *ret = yajl_tree_parse(copy, why, sizeof why);
    free(copy);
    return *ret || err_set(reterr, ERR_BAD_REQUEST, "json_malformed", "not JSON");
}

static bool decode_text(const struct json_field *f, yajl_val v, char *at, const char *name, struct faults *faults)
{
    struct text t;
    size_t count;

    if (!YAJL_IS_STRING(v))
        return faults_add(faults, name, "not_a_string");
    t = text_of(YAJL_GET_STRING(v));
    count = text_code_points(t);
    if (t.len == 0 && f->min > 0)
        return faults_add(faults, name, "empty");
    if ((int64_t)count < f->min)
        return faults_add_range(faults, name, "too_short", f->min, f->max);
    if ((int64_t)count > f->max || !text_copy(at, f->size, t))
        return faults_add_range(faults, name, "too_long", f->min, f->max);
    return true;
}

static bool has_limits(const struct json_field *f) { return f->min != INT64_MIN || f->max != INT64_MAX; }

static bool decode_int64(const struct json_field *f, yajl_val v, char *at, const char *name, struct faults *faults)
{
    int64_t value;

    if (!YAJL_IS_NUMBER(v) || strpbrk(YAJL_GET_NUMBER(v), ".eE"))
        return faults_add(faults, name, "not_an_integer");
    if (!YAJL_IS_INTEGER(v) && !has_limits(f))
        value = *YAJL_GET_NUMBER(v) == '-' ? INT64_MIN : INT64_MAX;
    else if (!YAJL_IS_INTEGER(v) || YAJL_GET_INTEGER(v) < f->min || YAJL_GET_INTEGER(v) > f->max)
        return faults_add_range(faults, name, "out_of_range", f->min, f->max);
    else
        value = YAJL_GET_INTEGER(v);
    memcpy(at, &value, sizeof value);
    return true;
}

static bool decode_uint64(yajl_val v, char *at, const char *name, struct faults *faults)
{
    uint64_t value;

    if (!json_read_uint64(v, &value))
        return faults_add(faults, name, "not_uint64");
    memcpy(at, &value, sizeof value);
    return true;
}

static bool decode_double(const struct json_field *f, yajl_val v, char *at, const char *name, struct faults *faults)
{
    double value;

    if (!YAJL_IS_NUMBER(v))
        return faults_add(faults, name, "not_a_number");
    value = strtod(YAJL_GET_NUMBER(v), NULL); /* finite or an overflow to infinity, which is out of any range */
    if (has_limits(f) && !(value * 1000 >= (double)f->min && value * 1000 <= (double)f->max))
        return faults_add_range(faults, name, "out_of_range_thousandths", f->min, f->max);
    memcpy(at, &value, sizeof value);
    return true;
}

static bool decode_uuid(yajl_val v, char *at, const char *name, struct faults *faults)
{
    if (!YAJL_IS_STRING(v) || !uuid_read(text_of(YAJL_GET_STRING(v)), (struct uuid *)at))
        return faults_add(faults, name, "not_a_uuid");
    return true;
}

static void decode_object(yajl_val object, const struct json_field *fields, void *ret, const char *path,
                          struct faults *faults);

static void decode_value(const struct json_field *f, yajl_val v, void *target, const char *name, struct faults *faults)
{
    char *at = (char *)target + f->offset;

    if (f->present)
        *((bool *)((char *)target + f->present)) = !YAJL_IS_NULL(v);
    if (f->was_null)
        *((bool *)((char *)target + f->was_null)) = YAJL_IS_NULL(v);
    if (YAJL_IS_NULL(v) && f->nullable)
        return;
    switch (f->type) {
    case JSON_TEXT: (void)decode_text(f, v, at, name, faults); return;
    case JSON_INT64: (void)decode_int64(f, v, at, name, faults); return;
    case JSON_UINT64: (void)decode_uint64(v, at, name, faults); return;
    case JSON_DOUBLE: (void)decode_double(f, v, at, name, faults); return;
    case JSON_UUID: (void)decode_uuid(v, at, name, faults); return;
    case JSON_OBJECT: decode_object(v, f->fields, at, name, faults); return;
    case JSON_CUSTOM: f->custom(v, at, name, faults); return;
    case JSON_BOOL:
        if (YAJL_IS_TRUE(v) || YAJL_IS_FALSE(v))
            *(bool *)at = YAJL_IS_TRUE(v);
        else
            (void)faults_add(faults, name, "not_a_boolean");
    }
}

static const struct json_field *field_named(const struct json_field *fields, const char *name)
{
    for (const struct json_field *f = fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static bool repeated(yajl_val object, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(YAJL_GET_OBJECT(object)->keys[i], YAJL_GET_OBJECT(object)->keys[index]) == 0)
            return true;
    return false;
}

static void decode_members(yajl_val object, const struct json_field *fields, void *ret, const char *path,
                           struct faults *faults)
{
    for (size_t i = 0; i < YAJL_GET_OBJECT(object)->len && faults->count < FAULTS_MAX; i++) {
        const char *key = YAJL_GET_OBJECT(object)->keys[i];
        const struct json_field *f = field_named(fields, key);
        char name[sizeof faults->items[0].field];
        (void)snprintf(name, sizeof name, "%s%s%s", path, *path ? "." : "", f ? f->name : "");
        if (!f)
            (void)faults_add_what(faults, path, "unknown_field", text_of(key));
        else if (repeated(object, i))
            (void)faults_add(faults, name, "repeated");
        else
            decode_value(f, YAJL_GET_OBJECT(object)->values[i], ret, name, faults);
    }
}

static void decode_object(yajl_val object, const struct json_field *fields, void *ret, const char *path,
                          struct faults *faults)
{
    if (!YAJL_IS_OBJECT(object)) {
        (void)faults_add(faults, path, "not_an_object");
        return;
    }
    decode_members(object, fields, ret, path, faults);
    for (const struct json_field *f = fields; f->name; f++) {
        char name[sizeof faults->items[0].field];
        (void)snprintf(name, sizeof name, "%s%s%s", path, *path ? "." : "", f->name);
        if (!f->optional && !json_get(object, f->name))
            (void)faults_add(faults, name, "required");
    }
}

bool json_decode_at(const char *path, yajl_val object, const struct json_field *fields, void *ret,
                    struct faults *faults)
{
    int before = faults->count;

    decode_object(object, fields, ret, path, faults);
    return faults->count == before;
}

bool json_decode(yajl_val object, const struct json_field *fields, void *ret, struct faults *faults)
{
    return json_decode_at("", object, fields, ret, faults);
}

bool json_decode_body(struct text body, const struct json_field *fields, void *ret, struct faults *faults,
                      struct err *reterr)
{
    yajl_val root;
    bool ok;

    reterr->kind = ERR_NONE;
    if (!json_parse(body, &root, reterr))
        return false;
    ok = json_decode(root, fields, ret, faults);
    yajl_tree_free(root);
    return ok;
}

yajl_val json_get(yajl_val object, const char *name)
{
    return YAJL_IS_OBJECT(object) ? yajl_tree_get(object, (const char *[]){name, NULL}, yajl_t_any) : NULL;
}

const char *json_get_text(yajl_val object, const char *name) { return YAJL_GET_STRING(json_get(object, name)); }

int64_t json_get_int64(yajl_val object, const char *name, int64_t otherwise)
{
    yajl_val v = json_get(object, name);

    return YAJL_IS_INTEGER(v) ? YAJL_GET_INTEGER(v) : otherwise;
}

bool json_read_uint64(yajl_val value, uint64_t *ret)
{
    const char *digits = YAJL_IS_NUMBER(value) ? YAJL_GET_NUMBER(value) : YAJL_GET_STRING(value);

    return digits && text_uint64(text_of(digits), ret);
}

bool json_get_uint64(yajl_val object, const char *name, uint64_t *ret)
{
    return json_read_uint64(json_get(object, name), ret);
}
