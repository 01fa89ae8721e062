#pragma once
/* Who asks: the one place where credentials are looked at. Fills call->who and goes on with the route (call_enter), or
   answers: 401 without credentials that work, 403 csrf_failed. Where several are sent, Authorization is the one. */
#include "http/call.h"

struct next access_authenticate(struct call *call);
