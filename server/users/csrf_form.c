#include "users/csrf_form.h"

#include "http/query_string.h"

bool csrf_form_token(const struct call *call, char to[CSRF_TOKEN_ROOM])
{
    struct text type = call_header(call, "content-type");

    *to = '\0';
    return text_equal_ignoring_case(text_trim(text_cut(&type, ';')), TEXT("application/x-www-form-urlencoded")) &&
           query_string_find(call_body(call), "csrf_token", to, CSRF_TOKEN_ROOM);
}
