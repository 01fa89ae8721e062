#pragma once
/* Who asks: the one place where credentials are looked at. Fills call->who and goes on with the route (call_enter), or
   answers: 401 without credentials that work, 403 csrf_failed. Where several are sent, Authorization is the one. */
#include "db/rows.h"
#include "http/call.h"

struct next access_authenticate(struct call *call);

/* For what everybody may see: who has a session that works is greeted by it, and nobody is refused. rows are those of
   web_session_by_sha256, or NULL. */
void access_recognise(struct call *call, const PGresult *rows);

/* What rows call the way by which somebody came: "api", "web" or "telegram". */
const char *access_source(const struct call *call);
