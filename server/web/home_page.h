#pragma once
/* GET /: to the pictures, or to the sign-in page. */
#include "http/call.h"

struct next home_page_show(struct call *call);
