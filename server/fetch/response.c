#include "fetch/response.h"

#include <curl/curl.h>
#include <stdint.h>

static struct text without_line_end(struct text line)
{
    while (line.len && (line.at[line.len - 1] == '\n' || line.at[line.len - 1] == '\r'))
        line.len--;
    return line;
}

/* Printable ASCII that fits, or "": these values go into logs and rows. */
static void keep(char *to, size_t room, struct text value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] < ' ' || value.at[i] > '~')
            value.len = 0;
    (void)text_copy(to, room, value);
}

static bool is(struct text name, struct text wanted) { return text_equal_ignoring_case(name, wanted); }

/* 0: no date that could be read. */
static int64_t date(struct text value)
{
    char copy[64];
    time_t at = text_copy(copy, sizeof copy, value) ? curl_getdate(copy, NULL) : -1;

    return at > 0 ? at : 0;
}

static void object_header(struct fetch_response *response, struct text name, struct text value)
{
    if (is(name, TEXT("content-length")))
        (void)text_int64(value, 0, INT64_MAX, &response->length);
    else if (is(name, TEXT("etag")))
        keep(response->etag, sizeof response->etag, value);
    else if (is(name, TEXT("last-modified")))
        response->modified_s = date(value);
    else if (is(name, TEXT("date")))
        response->date_s = date(value);
}

static void fal_header(struct fetch_response *response, struct text name, struct text value)
{
    if (is(name, TEXT("x-fal-request-id")))
        keep(response->request_id, sizeof response->request_id, value);
    else if (is(name, TEXT("x-fal-error-type")))
        keep(response->error_type, sizeof response->error_type, value);
    else if (is(name, TEXT("x-fal-request-timeout-type")))
        keep(response->timeout_type, sizeof response->timeout_type, value);
    else if (is(name, TEXT("x-fal-needs-retry")))
        response->needs_retry = is(value, TEXT("1")) || is(value, TEXT("true"));
}

void response_begin(struct fetch_response *response)
{
    struct buf body = response->body;

    *response = (struct fetch_response){.length = -1, .body = body};
}

void response_header(struct fetch_response *response, struct text line)
{
    struct text value = without_line_end(line);
    struct text name;

    if (text_starts(value, TEXT("HTTP/"))) {
        response_begin(response);
        return;
    }
    name = text_cut(&value, ':');
    value = text_trim(value);
    if (is(name, TEXT("content-type")))
        keep(response->content_type, sizeof response->content_type, value);
    else if (text_starts(name, TEXT("x-")) || text_starts(name, TEXT("X-")))
        fal_header(response, name, value);
    else
        object_header(response, name, value);
}
