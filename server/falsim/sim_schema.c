#include "falsim/sim_schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "falsim/sim_endpoint.h"
#include "falsim/sim_json.h"
#include "json/json_in.h"
#include "json/json_out.h"

/* A fault and the value it is about. */
struct report {
    struct buf *detail;
    const char *path; /* further elements of loc behind "body", as JSON: "\"loras\",0,\"scale\"" */
    yajl_val value;
};

static bool add(const struct report *r, const char *type, const char *ctx, const char *message)
{
    struct json_out out = json_out_begin(r->detail);

    out.comma = r->detail->len > 0;
    json_object(&out);
    json_key(&out, "loc");
    json_array(&out);
    json_text(&out, TEXT("body"));
    json_raw(&out, text_of(r->path));
    json_end_array(&out);
    json_key_text(&out, "msg", message);
    json_key_text(&out, "type", type);
    json_key(&out, "url");
    (void)buf_add_format(r->detail, "\"https://docs.fal.ai/errors/#%s\"", type);
    out.comma = true;
    if (ctx)
        json_key_raw(&out, "ctx", text_of(ctx));
    if (r->value) {
        json_key(&out, "input");
        (void)sim_json_compact(r->detail, r->value);
    }
    (void)buf_add_text(r->detail, "}");
    return false;
}

void sim_schema_add(struct buf *detail, const char *field, const char *type, const char *message, const char *ctx)
{
    char path[96] = "";

    if (*field)
        (void)snprintf(path, sizeof path, "\"%s\"", field);
    if (*path)
        (void)add(&(struct report){detail, path, NULL}, type, ctx, message);
    else
        (void)buf_add_format(detail, "%s{\"loc\":[\"body\"],\"msg\":\"%s\",\"type\":\"%s\"}", detail->len ? "," : "",
                             message, type);
}

static bool check_range(const struct report *r, double value, double min, double max)
{
    char ctx[48], message[96];
    bool low = value < min;

    if (min == max || (value >= min && value <= max))
        return true;
    (void)snprintf(ctx, sizeof ctx, "{\"%s\":%.15g}", low ? "ge" : "le", low ? min : max);
    (void)snprintf(message, sizeof message, "Input should be %s than or equal to %.15g", low ? "greater" : "less",
                   low ? min : max);
    return add(r, low ? "greater_than_equal" : "less_than_equal", ctx, message);
}

static bool check_number(const struct report *r, bool whole, double min, double max)
{
    double value;

    if (!YAJL_IS_NUMBER(r->value) && !YAJL_IS_STRING(r->value))
        return add(r, whole ? "int_type" : "float_type", NULL,
                   whole ? "Input should be a valid integer" : "Input should be a valid number");
    if (!sim_read_number(r->value, &value))
        return add(r, whole ? "int_parsing" : "float_parsing", NULL,
                   whole ? "Input should be a valid integer, unable to parse string as an integer"
                         : "Input should be a valid number, unable to parse string as a number");
    if (whole && value != floor(value))
        return add(r, "int_from_float", NULL, "Input should be a valid integer, got a number with a fractional part");
    return check_range(r, value, min, max);
}

static bool check_bool(const struct report *r)
{
    bool value;

    if (sim_read_bool(r->value, &value))
        return true;
    return YAJL_IS_STRING(r->value) || YAJL_IS_NUMBER(r->value)
               ? add(r, "bool_parsing", NULL, "Input should be a valid boolean, unable to interpret input")
               : add(r, "bool_type", NULL, "Input should be a valid boolean");
}

/* "'a', 'b' or 'c'" */
static void list_choices(const char *choices, char *to, size_t room)
{
    struct text rest = text_of(choices);
    size_t used = 0;

    while (rest.len) {
        struct text word = text_cut(&rest, ' ');
        used += (size_t)snprintf(to + used, room - used, "%s'%.*s'",
                                 used == 0  ? ""
                                 : rest.len ? ", "
                                            : " or ",
                                 (int)word.len, word.at);
    }
}

static bool check_choice(const struct report *r, const char *choices)
{
    char expected[240], message[280], ctx[280];
    const char *word = YAJL_IS_NUMBER(r->value) ? YAJL_GET_NUMBER(r->value) : YAJL_GET_STRING(r->value);
    bool digits = strspn(choices, "0123456789 ") == strlen(choices) && strchr(choices, '1') && choices[1] != ' ';

    for (struct text rest = text_of(choices); word && rest.len && (YAJL_IS_STRING(r->value) || digits);)
        if (text_equal(text_cut(&rest, ' '), text_of(word)))
            return true;
    list_choices(choices, expected, sizeof expected);
    (void)snprintf(message, sizeof message, "Input should be %s", expected);
    (void)snprintf(ctx, sizeof ctx, "{\"expected\":\"%s\"}", expected);
    return add(r, "literal_error", ctx, message);
}

static bool check_side(const struct report *r, const char *name)
{
    char path[64];
    struct report side = {r->detail, path, json_get(r->value, name)};
    double value;

    (void)snprintf(path, sizeof path, "\"image_size\",\"%s\"", name);
    if (!side.value || !check_number(&side, true, 0, 0))
        return !side.value;
    (void)sim_read_number(side.value, &value);
    if (value <= 0)
        return add(&side, "greater_than", "{\"gt\":0}", "Input should be greater than 0");
    return check_range(&side, value, 1, 14142);
}

static bool check_size(const struct report *r)
{
    bool ok;

    if (!YAJL_IS_OBJECT(r->value))
        return check_choice(r, SIM_SIZES);
    ok = check_side(r, "width");
    return check_side(r, "height") && ok;
}

static bool check_lora(struct buf *detail, yajl_val lora, size_t index)
{
    char path[64];
    struct report r = {detail, path, json_get(lora, "path")};
    bool ok;

    (void)snprintf(path, sizeof path, "\"loras\",%zu", index);
    if (!YAJL_IS_OBJECT(lora))
        return add(&(struct report){detail, path, lora}, "model_attributes_type", NULL,
                   "Input should be a valid dictionary or object to extract fields from");
    (void)snprintf(path, sizeof path, "\"loras\",%zu,\"path\"", index);
    ok = !r.value                   ? add(&(struct report){detail, path, lora}, "missing", NULL, "Field required")
         : !YAJL_IS_STRING(r.value) ? add(&r, "string_type", NULL, "Input should be a valid string")
                                    : true;
    (void)snprintf(path, sizeof path, "\"loras\",%zu,\"scale\"", index);
    r.value = json_get(lora, "scale");
    return (!r.value || check_number(&r, false, 0, 4)) && ok;
}

static bool check_loras(const struct report *r)
{
    bool ok = true;

    if (!YAJL_IS_ARRAY(r->value))
        return add(r, "list_type", NULL, "Input should be a valid list");
    for (size_t i = 0; i < YAJL_GET_ARRAY(r->value)->len; i++)
        ok &= check_lora(r->detail, YAJL_GET_ARRAY(r->value)->values[i], i);
    return ok;
}

static bool check_value(const struct sim_field *field, const struct report *r)
{
    if (field->nullable && YAJL_IS_NULL(r->value))
        return true;
    switch (field->kind) {
    case TEXT_VALUE: return YAJL_IS_STRING(r->value) || add(r, "string_type", NULL, "Input should be a valid string");
    case INT_VALUE: return check_number(r, true, field->min, field->max);
    case NUMBER_VALUE: return check_number(r, false, field->min, field->max);
    case BOOL_VALUE: return check_bool(r);
    case CHOICE_VALUE: return check_choice(r, field->choices);
    case SIZE_VALUE: return check_size(r);
    case LORAS_VALUE: return check_loras(r);
    }
    return true;
}

bool sim_schema_check(const struct sim_endpoint *endpoint, yajl_val input, struct buf *detail)
{
    bool ok = true;

    for (const struct sim_field *f = endpoint->fields; f->name; f++) {
        char path[64];
        struct report r = {detail, path, json_get(input, f->name)};
        (void)snprintf(path, sizeof path, "\"%s\"", f->name);
        if (r.value)
            ok &= check_value(f, &r);
        else if (f->required)
            ok = add(&(struct report){detail, path, input}, "missing", NULL, "Field required");
    }
    return ok;
}
