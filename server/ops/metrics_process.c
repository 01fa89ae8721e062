#include "ops/metrics_process.h"

#include <inttypes.h>

#include "catalog/catalog.h"
#include "generations/generation_answer.h"
#include "local.h"
#include "moderation/moderation.h"
#include "ops/metric_rows.h"

static void write_moderation(const struct moderation *moderation, struct buf *out)
{
    const char *category;

    metric_rows_head(out, "aisha_moderation_checked_total", "counter", "Texts that were looked at.");
    (void)buf_add_format(out, "aisha_moderation_checked_total %" PRIu64 "\n", moderation_looked_at(moderation));
    metric_rows_head(out, "aisha_moderation_blocked_total", "counter", "Those that were refused.");
    for (int i = 0; (category = moderation_category_at(moderation, i)); i++)
        (void)buf_add_format(out, "aisha_moderation_blocked_total{category=\"%s\"} %" PRIu64 "\n", category,
                             moderation_blocked(moderation, i));
}

static void write_endpoints(const struct catalog *catalog, struct buf *out)
{
    static const enum endpoint_state STATES[] = {ENDPOINT_ACTIVE, ENDPOINT_DEPRECATED, ENDPOINT_GONE};
    const struct endpoint *endpoint;

    metric_rows_head(out, "aisha_endpoint_state", "gauge", "1: the endpoint is in that state, for this process.");
    for (int i = 0; (endpoint = catalog_endpoint_at(catalog, i)); i++)
        for (size_t s = 0; s < sizeof STATES / sizeof *STATES; s++)
            (void)buf_add_format(out, "aisha_endpoint_state{endpoint=\"%s\",state=\"%s\"} %d\n", endpoint->id,
                                 endpoint_state_word(STATES[s]), endpoint_state(endpoint) == STATES[s]);
}

void metrics_process_write(const struct local *local, struct buf *out)
{
    if (local->moderation)
        write_moderation(local->moderation, out);
    write_endpoints(local->catalog, out);
    metric_rows_head(out, "aisha_dry_runs_total", "counter", "Wishes that were only to be told what they would do.");
    (void)buf_add_format(out, "aisha_dry_runs_total %" PRIu64 "\n", generation_dry_replies());
}
