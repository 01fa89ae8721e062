/* plan_size_decode: an image size as a request gives it. */
#include "generations/plan.h"

enum { NAME_MAX_POINTS = 40 };

static const struct json_field CUSTOM_FIELDS[] = {
    JSON_FIELD(JSON_INT64, struct plan_size, width, .min = 1, .max = 1000000),
    JSON_FIELD(JSON_INT64, struct plan_size, height, .min = 1, .max = 1000000),
    {0},
};

static void decode_name(const char *name, struct plan_size *size, const char *field, struct faults *faults)
{
    struct text t = text_of(name);

    if (!t.len)
        (void)faults_add(faults, field, "empty");
    else if (text_code_points(t) > NAME_MAX_POINTS || !text_copy(size->name, sizeof size->name, t))
        (void)faults_add_range(faults, field, "too_long", 1, NAME_MAX_POINTS);
}

void plan_size_decode(yajl_val value, void *at, const char *field, struct faults *faults)
{
    if (YAJL_IS_STRING(value))
        decode_name(YAJL_GET_STRING(value), at, field, faults);
    else if (YAJL_IS_OBJECT(value))
        (void)json_decode_at(field, value, CUSTOM_FIELDS, at, faults);
    else
        (void)faults_add(faults, field, "not_an_image_size");
}
