#pragma once
/* What templates/settings/index.mustache shows. */
#include "web/settings_page.h"

struct settings_view;
extern const struct view_type settings_view_type;

/* zones: of user_time_zones. Borrows state and zones, and lives as long as the request. */
const struct settings_view *settings_view_make(struct call *call, const struct settings_state *state,
                                               const PGresult *zones);
