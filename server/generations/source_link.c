#include "generations/source_link.h"

#include "base/clock.h"
#include "gallery/image.h"

bool source_link(struct object_links *links, const char *public_url, struct text key, char to[OBJECT_LINK_ROOM])
{
    if (!object_links_are_public(links))
        return false;
    (void)object_link_get(links, text_of(public_url), TEXT(IMAGE_BUCKET), key, clock_wall_s(), SOURCE_LINK_S, to);
    return true;
}
