#pragma once
/* What the forms of the settings page send, except those of tokens. */
#include "http/call.h"

struct next settings_forms_save(struct call *call);         /* POST /settings */
struct next settings_forms_end_sessions(struct call *call); /* POST /settings/sessions/end: all but this one */
