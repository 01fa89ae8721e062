#pragma once
/* The time zones that the settings offer, by part of the world. */
#include "db/rows.h"
#include "http/call.h"
#include "view/value.h"

struct zone_view {
    struct text name, place; /* "America/New_York", "New York" */
    bool is_chosen;
};

struct zone_group {
    const char *title;
    struct view_items zones; /* of zone_view */
};

extern const struct view_type zone_group_type;

/* Of user_time_zones, with the one that is chosen; borrows the rows, and lives as long as the request. *ret_found: the
   chosen one is among them. */
struct view_items zone_groups_of(struct call *call, const PGresult *rows, const char *chosen, bool *ret_found);
