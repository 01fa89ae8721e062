#pragma once
/* /api/v1/me/ledger: the book of one's credits. */
#include "http/call.h"

struct next ledger_list(struct call *call); /* GET */
