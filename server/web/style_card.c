#include "web/style_card.h"

#include <string.h>

#include "gallery/image_address.h"
#include "gallery/image_links.h"
#include "local.h"
#include "styles/styles.h"

static const struct view_field CARD_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct style_card, id),
    VIEW_FIELD(VIEW_STRING, struct style_card, title),
    VIEW_FIELD(VIEW_STRING, struct style_card, description),
    VIEW_FIELD(VIEW_STRING, struct style_card, emoji),
    VIEW_FIELD(VIEW_STRING, struct style_card, group),
    VIEW_FIELD(VIEW_STRING, struct style_card, group_title),
    VIEW_FIELD(VIEW_BOOL, struct style_card, is_own),
    VIEW_FIELD(VIEW_BOOL, struct style_card, is_quick),
    VIEW_FIELD(VIEW_BOOL, struct style_card, is_favorite),
    VIEW_FIELD(VIEW_BOOL, struct style_card, has_preview),
    VIEW_FIELD(VIEW_STRING, struct style_card, preview_url),
    {.name = "key", .kind = VIEW_CHARS, .offset = offsetof(struct style_card, key)},
    {0},
};
const struct view_type style_card_type = VIEW_TYPE(struct style_card, CARD_FIELDS);

static const struct view_field SHELF_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct style_shelf, id),
    VIEW_FIELD(VIEW_STRING, struct style_shelf, title),
    VIEW_FIELD(VIEW_STRING, struct style_shelf, hint),
    VIEW_FIELD(VIEW_STRING, struct style_shelf, emoji),
    VIEW_FIELD(VIEW_STRING, struct style_shelf, more_url),
    VIEW_FIELD(VIEW_ITEMS, struct style_shelf, cards, .type = &style_card_type),
    {0},
};
const struct view_type style_shelf_type = VIEW_TYPE(struct style_shelf, SHELF_FIELDS);

struct style_card style_card_make(struct call *call, const struct style *style, const struct style_reads *reads)
{
    return (struct style_card){
        .id = style->id,
        .title = words_in(&style->title, call->lang),
        .description = words_in(&style->description, call->lang),
        .emoji = style->group->emoji,
        .group = style->group->id,
        .group_title = words_in(&style->group->title, call->lang),
        .is_quick = style->quick,
        .is_favorite = style_reads_like(reads, style->id),
        .has_preview = true,
        .key = uuid_make(),
    };
}

static const char *address_of(struct call *call, struct text preview_key)
{
    struct image_links links = image_links_of_page(call);
    char *address = call_alloc(call, OBJECT_LINK_ROOM);

    (void)image_address_write(&links, preview_key, IMAGE_FILE_SMALL, address);
    return address;
}

struct style_card style_card_make_own(struct call *call, const struct own_style *own, const struct style_reads *reads)
{
    const char *id = call_text(call, text_of(own->id.text));

    return (struct style_card){
        .id = id,
        .title = call_text(call, text_of(own->title)),
        .description = "",
        .emoji = "",
        .group = "",
        .group_title = "",
        .is_own = true,
        .is_favorite = style_reads_like(reads, id),
        .has_preview = own->preview_key.len > 0,
        .preview_url = own->preview_key.len ? address_of(call, own->preview_key) : NULL,
        .key = uuid_make(),
    };
}

static bool find_own(struct call *call, const char *id, const struct style_reads *reads, struct style_card *ret)
{
    for (int i = 0; i < rows_count(reads->own); i++) {
        const struct own_style own = own_style_from_row(rows_at(reads->own, i));
        if (strcmp(own.id.text, id) != 0)
            continue;
        *ret = style_card_make_own(call, &own, reads);
        return true;
    }
    return false;
}

bool style_card_find(struct call *call, const char *id, const struct style_reads *reads, struct style_card *ret)
{
    const struct style *style = styles_find(local_of(call)->styles, id);

    if (!style)
        return find_own(call, id, reads, ret);
    *ret = style_card_make(call, style, reads);
    return true;
}
