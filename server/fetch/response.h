#pragma once
/* Taking in an answer's header lines. */
#include "base/text.h"
#include "fetch/fetch.h"

/* Nothing was read yet; the body stays. */
void response_begin(struct fetch_response *response);

/* One line with or without its line end. A status line starts the answer anew (a 1xx may come before it). */
void response_header(struct fetch_response *response, struct text line);
