#include "gallery/image_links.h"

#include "base/clock.h"
#include "local.h"

struct image_links image_links_of(const struct call *call)
{
    const struct local *local = local_of(call);

    return (struct image_links){local->links, text_of(local->config->public_url), clock_wall_s()};
}

struct image_links image_links_of_page(const struct call *call)
{
    struct image_links links = image_links_of(call);

    links.base = TEXT("");
    return links;
}
