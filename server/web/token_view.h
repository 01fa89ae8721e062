#pragma once
/* API tokens on the settings page: those that there are, and the form for one more. */
#include "http/call.h"
#include "users/token.h"
#include "view/value.h"

struct token_view {
    struct text id, name;
    bool can_read, can_write, can_generate, can_admin;
    struct text created, used, expires; /* by the reader's clock; used and expires at NULL: never */
    bool is_expired;
};

extern const struct view_type token_view_type;

/* Of token_list_for_page; borrows the rows, and lives as long as the request. */
struct view_items token_views_of(struct call *call, const PGresult *rows);

/* The form's fields, all zero before they are read. */
struct token_form {
    char token_name[TOKEN_NAME_ROOM];
    bool scope_read, scope_write, scope_generate, scope_admin;
    int64_t days; /* 0: for ever */
    char key[40];
};

unsigned token_form_scopes(const struct token_form *form);
/* What may be chosen, with the form's choices; lives as long as the request. */
struct view_items token_form_days(struct call *call, const struct token_form *form);
