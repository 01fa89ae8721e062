#pragma once
#include "base/faults.h"
#include "http/call.h"
#include "view/value.h"

extern const struct view_type avatar_create_view_type;

struct avatar_create_view;

/* gender and type: names that were chosen, or ""; was_sent: what was typed is shown again; trouble: a code of messages
   for the form as a whole, or NULL. Lives as long as the request. */
struct avatar_create_view *avatar_create_view_make(struct call *call, const char *type, const char *gender,
                                                   bool was_sent, const struct faults *faults, const char *trouble);
