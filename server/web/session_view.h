#pragma once
/* Browsers that somebody is signed in with, on the settings page. */
#include "http/call.h"
#include "users/web_session.h"
#include "view/value.h"

struct session_view {
    struct text created, seen; /* by the reader's clock */
    bool is_this;
};

extern const struct view_type session_view_type;

/* Of web_sessions_for_page; borrows the rows, and lives as long as the request. */
struct view_items session_views_of(struct call *call, const PGresult *rows);
