#pragma once
/* API tokens by the forms of the settings page. */
#include "web/page.h"

extern const struct page token_made_page;

struct next token_forms_create(struct call *call); /* POST /settings/tokens */
struct next token_forms_revoke(struct call *call); /* POST /settings/tokens/{id}/revoke */
