#include "users/csrf_form.h"

#include "http/query_string.h"

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct csrf_form, csrf_token, .max = CSRF_TOKEN_MAX),
    {0},
};

bool csrf_form_decode(struct call *call, struct csrf_form *ret, struct faults *faults)
{
    struct text type = call_header(call, "content-type"), body = call_body(call);

    ret->csrf_token[0] = '\0';
    if (!body.len)
        return true;
    if (!text_equal_ignoring_case(text_trim(text_cut(&type, ';')), TEXT("application/x-www-form-urlencoded")))
        return faults_add_what(faults, "", "not_one_of", TEXT("application/x-www-form-urlencoded"));
    return query_string_decode(body, FIELDS, ret, faults);
}
