#include "http/same_origin.h"

bool same_origin_asked(const struct call *call)
{
    struct text site = call_header(call, "sec-fetch-site"), origin = call_header(call, "origin");

    if (site.len)
        return text_equal(site, TEXT("same-origin"));
    return !origin.len || text_equal(origin, text_of(http_thread_config(call->thread)->public_origin));
}
