#pragma once
/* /api/v1/me: who you are, and your settings. */
#include "http/call.h"

struct next me_show(struct call *call);   /* GET */
struct next me_change(struct call *call); /* PATCH */
