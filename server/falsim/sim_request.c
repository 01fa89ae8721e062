#include "falsim/sim_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "falsim/sim.h"

enum { LARGE_RESULT_BYTES = 10 << 10 };

bool sim_request_expired(const struct sim *sim, const struct sim_request *request)
{
    int64_t ttl_s = sim->config.result_ttl_s;

    if (request->stage != STAGE_DONE || request->expired)
        return request->expired;
    if (strlen(request->output) >= LARGE_RESULT_BYTES)
        ttl_s = sim->config.large_result_ttl_s;
    return ttl_s > 0 && request->finished_us + ttl_s * 1000000 <= clock_wall_us();
}

void sim_request_free(struct sim_request *request)
{
    free(request->input);
    free(request->webhook);
    free(request->output);
    free(request->deliveries);
    free(request);
}

void sim_request_set_output(struct sim_request *request, int status_code, struct text output)
{
    free(request->output);
    request->status_code = status_code;
    if (!(request->output = strndup(output.at, output.len)))
        abort();
}

void sim_request_add_delivery(struct sim_request *request, int64_t at_us, int status)
{
    if (request->delivery_count == SIM_MAX_DELIVERIES)
        return;
    if (!request->deliveries && !(request->deliveries = calloc(SIM_MAX_DELIVERIES, sizeof *request->deliveries)))
        abort();
    request->deliveries[request->delivery_count++] = (struct sim_delivery){at_us, status};
}

struct text sim_app_of(struct text endpoint_id)
{
    struct text rest = endpoint_id, owner = text_cut(&rest, '/'), alias = text_cut(&rest, '/');

    return alias.at ? (struct text){endpoint_id.at, owner.len + 1 + alias.len} : endpoint_id;
}
