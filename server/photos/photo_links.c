#include "photos/photo_links.h"

#include "base/clock.h"
#include "local.h"

struct photo_links photo_links_of(const struct call *call)
{
    const struct local *local = local_of(call);

    return (struct photo_links){local->links, text_of(local->config->public_url), clock_wall_s()};
}

struct photo_links photo_links_of_page(const struct call *call)
{
    struct photo_links links = photo_links_of(call);

    links.base = TEXT("");
    return links;
}
