#pragma once
/* From a request to its route. */
#include "http/call.h"

/* Finds the route and starts the call, or answers 404, 405 (with Allow), 413, 431 or 400. */
void router_dispatch(struct http_thread *thread, h2o_req_t *req);

/* The route of a request line, NULL: none. Fills params with what stands for each {…}. *ret_same_path: none has, but a
   route of another method has the path. */
const struct route *router_find(const struct route *routes, struct text method, struct text path,
                                struct text params[ROUTE_MAX_PARAMS], bool *ret_same_path);
