#include "http/body.h"

#include <string.h>

#include "http/reply.h"

static bool type_is_json(struct text content_type)
{
    struct text type = text_trim(text_cut(&content_type, ';'));

    return text_equal_ignoring_case(type, TEXT("application/json")) ||
           text_equal_ignoring_case(type, TEXT("application/merge-patch+json"));
}

bool body_type_is_json(struct call *call, struct next *refused)
{
    struct err err;

    if (type_is_json(call_header(call, "content-type")))
        return true;
    (void)err_set(&err, ERR_MEDIA_TYPE, "json_expected", "not JSON");
    *refused = reply_err(call, &err);
    return false;
}

bool body_json_faults(struct call *call, const struct json_field *fields, void *ret, struct faults *ret_faults,
                      struct next *refused)
{
    struct err err = {0};

    if (!body_type_is_json(call, refused))
        return false;
    if (!json_decode_body(call_body(call), fields, ret, ret_faults, &err) && err.kind != ERR_NONE) {
        *refused = reply_err(call, &err);
        return false;
    }
    return true;
}

/* Links to pages are passed on with marks of those who count clicks. */
static void forgive_unknown(struct faults *faults)
{
    int kept = 0;

    for (int i = 0; i < faults->count; i++)
        if (strcmp(faults->items[i].code, "unknown_parameter") != 0)
            faults->items[kept++] = faults->items[i];
    faults->count = kept;
}

bool body_query_faults(struct call *call, const struct query_field *fields, void *ret, struct faults *ret_faults)
{
    if (!query_string_decode(call->query, fields, ret, ret_faults) && call->route->page)
        forgive_unknown(ret_faults);
    return ret_faults->count == 0;
}

bool body_query(struct call *call, const struct query_field *fields, void *ret, struct next *refused)
{
    struct faults faults = {0};

    if (body_query_faults(call, fields, ret, &faults))
        return true;
    *refused = reply_query_faults(call, &faults);
    return false;
}

bool body_no_query(struct call *call, struct next *refused)
{
    static const struct query_field NONE[] = {{0}};

    return body_query(call, NONE, NULL, refused);
}

bool body_only_id(struct call *call, struct uuid *ret, struct next *refused)
{
    if (!body_no_query(call, refused))
        return false;
    if (call_param_uuid(call, 0, ret))
        return true;
    *refused = reply_not_found(call);
    return false;
}
