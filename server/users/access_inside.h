#pragma once
/* Between the files of access_*. */
#include "db/rows.h"
#include "http/call.h"

enum { ACCESS_EVERYDAY = SCOPE_READ | SCOPE_WRITE | SCOPE_GENERATE };

struct next access_refuse(struct call *call, enum err_kind kind, const char *code);
/* Reads the next columns id, is_admin, locale, time_zone, default_preset, theme and USER_VERSIONS into who; is the user
   an admin? */
bool access_read_user(struct row *row, struct who *who);

/* Authorization held the service token: acts for the user that the headers name. */
struct next access_by_service(struct call *call);
/* The request came with the cookie of a session. */
struct next access_by_session(struct call *call, struct text secret);
