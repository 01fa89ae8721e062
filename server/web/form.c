#include "web/form.h"

#include <string.h>

#include "http/reply.h"

static bool is_form(struct call *call, struct next *refused)
{
    struct text type = call_header(call, "content-type");
    struct err err;

    if (text_equal_ignoring_case(text_trim(text_cut(&type, ';')), TEXT("application/x-www-form-urlencoded")))
        return true;
    (void)err_set(&err, ERR_MEDIA_TYPE, "form_expected", "not a form");
    *refused = reply_err(call, &err);
    return false;
}

/* Browsers send the lines of a text with %0D%0A between them; the length that people are told counts one. */
static size_t without_returns(struct text body, char *to)
{
    size_t len = 0;

    for (size_t at = 0; at < body.len; at++) {
        if (body.len - at >= 6 && text_equal_ignoring_case((struct text){body.at + at, 6}, TEXT("%0D%0A")))
            at += 3;
        to[len++] = body.at[at];
    }
    return len;
}

/* A copy of the body without the token. */
static struct text own_fields(struct call *call)
{
    struct text body = call_body(call), rest = body;
    char *copy = call_alloc(call, body.len + 1);
    size_t len = 0;

    while (rest.at) {
        struct text pair = text_cut(&rest, '&');
        if (!pair.len || text_starts(pair, TEXT("csrf_token=")))
            continue;
        if (len)
            copy[len++] = '&';
        len += without_returns(pair, copy + len);
    }
    return (struct text){copy, len};
}

bool form_read(struct call *call, const struct query_field *fields, void *ret, struct faults *ret_faults,
               struct next *refused)
{
    if (!is_form(call, refused))
        return false;
    (void)query_string_decode(own_fields(call), fields, ret, ret_faults);
    return true;
}

bool form_empty(struct call *call, struct next *refused)
{
    static const struct query_field NONE[] = {{0}};
    struct faults faults = {0};

    if (!call_body(call).len)
        return true; /* a client that sends its token in a header */
    if (!form_read(call, NONE, NULL, &faults, refused))
        return false;
    if (faults.count)
        *refused = reply_query_faults(call, &faults);
    return faults.count == 0;
}
