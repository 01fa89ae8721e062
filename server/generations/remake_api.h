#pragma once
/* Making something of what there is: the first steps, for the table of routes. */
#include "http/call.h"

struct next remake_vary(struct call *call);   /* POST /api/v1/images/{id}/variations */
struct next remake_repeat(struct call *call); /* POST /api/v1/images/{id}/repeat */
struct next remake_retry(struct call *call);  /* POST /api/v1/generations/{id}/retry */
