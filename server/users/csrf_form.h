#pragma once
/* The token of a page that cannot set headers: csrf_token=… among the fields of its form. */
#include "http/call.h"

enum { CSRF_TOKEN_ROOM = 200 };

/* False: the body is no form, or has none; to is then "". */
bool csrf_form_token(const struct call *call, char to[CSRF_TOKEN_ROOM]);
