#pragma once
/* The provider says that there is no such endpoint (any more): what was sent ends with endpoint_gone, and the operators
   are told, by the log (endpoint_vanished), by the metric aisha_endpoint_vanished_total and by GET /api/v1/endpoints.
   Nothing is switched by itself: an error of theirs that lasts a minute must not shut the service for good. */
#include "db/pg.h"

void endpoint_vanished(struct pg *pg, const char *endpoint, const char *their_word);
