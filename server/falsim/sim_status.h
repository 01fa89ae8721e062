#pragma once
/* A request as the queue tells about it. Called with the table's lock held. */
#include "falsim/sim_request.h"
#include "json/json_out.h"

struct sim;

void sim_status_write(struct sim *sim, struct json_out *out, const struct sim_request *request, bool logs,
                      int logs_from);
/* The four addresses of a request, as members of an object. */
void sim_status_write_urls(struct sim *sim, struct json_out *out, const struct sim_request *request);
/* Lines that the run has written so far. */
int sim_status_log_count(const struct sim_request *request);
