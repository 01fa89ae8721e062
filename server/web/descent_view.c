#include "web/descent_view.h"

#include "gallery/image_address.h"
#include "gallery/image_links.h"

static const struct view_field FIELDS[] = {
    {.name = "parent", .kind = VIEW_CHARS, .offset = offsetof(struct descent_view, parent)},
    VIEW_FIELD(VIEW_BOOL, struct descent_view, is_repeat),
    VIEW_FIELD(VIEW_BOOL, struct descent_view, is_shown),
    VIEW_FIELD(VIEW_BOOL, struct descent_view, is_hidden),
    VIEW_FIELD(VIEW_BOOL, struct descent_view, is_gone),
    VIEW_FIELD(VIEW_CHARS, struct descent_view, small_url),
    {0},
};
const struct view_type descent_view_type = VIEW_TYPE(struct descent_view, FIELDS);

void descent_view_fill(const struct call *call, const struct descent *descent, struct descent_view *ret)
{
    struct image_links links = image_links_of_page(call);

    *ret = (struct descent_view){.parent = descent->parent,
                                 .is_repeat = descent->is_repeat,
                                 .is_shown = descent->object_key.at != NULL,
                                 .is_hidden = descent->is_hidden};
    ret->is_gone = !ret->is_shown && !ret->is_hidden;
    if (ret->is_shown)
        (void)image_address_write(&links, descent->object_key, IMAGE_FILE_SMALL, ret->small_url);
}
