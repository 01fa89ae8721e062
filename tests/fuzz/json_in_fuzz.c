/* JSON from outside, against a table with every type of field: what gets through has no more than its depth, is text,
   and comes back the same when it is written. */
#include "json/json_in.h"

#include <stdlib.h>
#include <string.h>

#include "base/messages.h"
#include "base/uuid.h"
#include "json/json_out.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct inner {
    char name[9];
    double share;
};

struct target {
    char text[41];
    int64_t number;
    uint64_t seed;
    bool flag, has_seed, seed_was_null;
    struct uuid id;
    struct inner inner;
    int custom;
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void decode_custom(yajl_val value, void *at, const char *field, struct faults *faults)
{
    static const struct json_field FIELDS[] = {JSON_FIELD(JSON_INT64, struct target, number, .min = 0, .max = 9), {0}};
    struct target inner = {.number = 0};

    if (json_decode_at(field, value, FIELDS, &inner, faults))
        *(int *)at = (int)inner.number;
}

static const struct json_field INNER[] = {
    JSON_FIELD(JSON_TEXT, struct inner, name, .min = 1, .max = 2),
    JSON_FIELD(JSON_DOUBLE, struct inner, share, .min = -1000, .max = 1000, .optional = true),
    {0},
};

static const struct json_field FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct target, text, .min = 1, .max = 10, .optional = true, .nullable = true),
    JSON_FIELD(JSON_INT64, struct target, number, .min = -5, .max = 1 << 20, .optional = true),
    JSON_FIELD(JSON_UINT64, struct target, seed, .optional = true, .nullable = true,
               .present = offsetof(struct target, has_seed), .was_null = offsetof(struct target, seed_was_null)),
    JSON_FIELD(JSON_BOOL, struct target, flag, .optional = true),
    JSON_FIELD(JSON_UUID, struct target, id, .optional = true),
    JSON_FIELD(JSON_OBJECT, struct target, inner, .fields = INNER, .optional = true),
    JSON_FIELD(JSON_CUSTOM, struct target, custom, .custom = decode_custom, .optional = true),
    {0},
};

static int depth_of(yajl_val v)
{
    int deepest = 0;
    size_t len = YAJL_IS_ARRAY(v) ? YAJL_GET_ARRAY(v)->len : YAJL_IS_OBJECT(v) ? YAJL_GET_OBJECT(v)->len : 0;

    for (size_t i = 0; i < len; i++) {
        int depth = depth_of(YAJL_IS_ARRAY(v) ? YAJL_GET_ARRAY(v)->values[i] : YAJL_GET_OBJECT(v)->values[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return YAJL_IS_ARRAY(v) || YAJL_IS_OBJECT(v) ? deepest + 1 : 0;
}

static void check_target(const struct target *target)
{
    must(text_is_utf8(text_of(target->text)) && text_code_points(text_of(target->text)) <= 10);
    must(target->number >= -5 && target->number <= 1 << 20);
    must(!(target->has_seed && target->seed_was_null));
    must(!target->id.text[0] || strlen(target->id.text) == 36);
    must(target->inner.share >= -1 && target->inner.share <= 1);
    must(target->custom >= 0 && target->custom <= 9);
}

static void check_faults(const struct faults *faults)
{
    CLEANUP(buf_done) struct buf out = buf_make(1 << 16);

    must(faults->count <= FAULTS_MAX);
    for (int i = 0; i < faults->count; i++) {
        must(message_exists(faults->items[i].code));
        must(text_is_utf8(text_of(faults->items[i].what)) && text_is_utf8(text_of(faults->items[i].field)));
        message_fault(&faults->items[i], LANG_EN, &out);
    }
    must(!out.len || text_is_utf8((struct text){out.bytes, out.len}));
}

static void check_comes_back(const char *text)
{
    CLEANUP(buf_done) struct buf buf = buf_make(1 << 20);
    struct json_out out = json_out_begin(&buf);
    struct err err;
    yajl_val root;

    json_text(&out, text_of(text));
    must(json_parse((struct text){buf.bytes, buf.len}, &root, &err));
    must(strcmp(YAJL_GET_STRING(root), text) == 0);
    yajl_tree_free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text document = {(const char *)bytes, len};
    struct target target = {.number = 0};
    struct faults faults = {0};
    struct err err = {0};
    yajl_val root;

    if (!json_parse(document, &root, &err)) {
        must(!root && err.kind == ERR_BAD_REQUEST && message_exists(err.code));
        return 0;
    }
    must(depth_of(root) <= JSON_MAX_DEPTH && text_is_utf8(document) && !memchr(bytes, 0, len));
    if (json_decode(root, FIELDS, &target, &faults))
        check_target(&target);
    else
        must(faults.count > 0);
    check_faults(&faults);
    if (YAJL_IS_STRING(root))
        check_comes_back(YAJL_GET_STRING(root));
    yajl_tree_free(root);
    return 0;
}
