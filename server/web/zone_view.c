#include "web/zone_view.h"

#include <ctype.h>
#include <stdio.h>

#include "local.h"
#include "view/texts.h"

static const struct view_field ZONE_FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct zone_view, name),
    VIEW_FIELD(VIEW_TEXT, struct zone_view, place),
    VIEW_FIELD(VIEW_BOOL, struct zone_view, is_chosen),
    {0},
};
static const struct view_type ZONE_TYPE = VIEW_TYPE(struct zone_view, ZONE_FIELDS);

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct zone_group, title),
    VIEW_FIELD(VIEW_ITEMS, struct zone_group, zones, .type = &ZONE_TYPE),
    {0},
};
const struct view_type zone_group_type = VIEW_TYPE(struct zone_group, FIELDS);

/* "settings.zone_europe"; a part of the world that we have no word for keeps its own name. */
static const char *title_of(const struct call *call, const char *region)
{
    char key[64];
    int used = snprintf(key, sizeof key, "settings.zone_");

    for (const char *c = *region ? region : "other"; *c && (size_t)used < sizeof key - 1; c++)
        key[used++] = (char)tolower((unsigned char)*c);
    key[used] = '\0';
    return texts_has(local_of(call)->texts, key) ? texts_get(local_of(call)->texts, call->lang, key) : region;
}

struct view_items zone_groups_of(struct call *call, const PGresult *rows, const char *chosen, bool *ret_found)
{
    size_t count = (size_t)rows_count(rows), groups = 0;
    struct zone_view *zones = call_alloc(call, sizeof *zones * (count + 1));
    struct zone_group *all = call_alloc(call, sizeof *all * (count + 1));
    struct text region = {NULL, 0}, before = {NULL, 0};

    *ret_found = false;
    for (size_t i = 0; i < count; i++, before = region) {
        struct row row = rows_at(rows, (int)i);
        region = row_piece(&row);
        if (!i || !text_equal(region, before))
            all[groups++] = (struct zone_group){title_of(call, region.at), {&zones[i], 0}};
        zones[i].place = row_piece(&row);
        zones[i].name = row_piece(&row);
        zones[i].is_chosen = text_equal(zones[i].name, text_of(chosen));
        *ret_found = *ret_found || zones[i].is_chosen;
        all[groups - 1].zones.count++;
    }
    return (struct view_items){all, groups};
}
