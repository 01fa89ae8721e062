#pragma once
/* From a request to its route. */
#include "http/call.h"

/* Finds the route and starts the call, or answers 404, 405 (with Allow), 413, 431 or 400. */
void router_dispatch(struct http_thread *thread, h2o_req_t *req);
