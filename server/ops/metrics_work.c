#include "ops/metrics_work.h"

#include <string.h>

/* Every part gives rows (metric, labels or '', value). */
#define AGE(since) "round(COALESCE(extract(epoch FROM now() - (" since ")), 0), 1)"

/* Open generations that wait have a turn; all others have a job. */
#define OPEN                                                                                                           \
    "open AS MATERIALIZED (SELECT g.status, count(*) AS count, min(g.created_at) AS since FROM jobs j"                 \
    " JOIN generations g ON g.id = j.ref WHERE j.kind = 'generation' AND g.status NOT IN ('completed', 'failed',"      \
    " 'cancelled') GROUP BY g.status UNION ALL SELECT 'pending', sum(waiting),"                                        \
    " (SELECT min(queued_at) FROM generation_queue) FROM flows WHERE waiting > 0 HAVING sum(waiting) > 0),"            \
    " waits AS (SELECT 'generations_open' AS what, status AS state, sum(count) AS count, min(since) AS since FROM "    \
    "open"                                                                                                             \
    " GROUP BY status UNION ALL SELECT 'jobs', state, count(*), min(run_at) FROM jobs WHERE run_at <= now()"           \
    " GROUP BY state)"
#define WAITS                                                                                                          \
    "SELECT 'aisha_waiting', format('what=\"%s\",state=\"%s\"', what, state), count FROM waits"                        \
    " UNION ALL SELECT 'aisha_oldest_seconds', format('what=\"%s\",state=\"%s\"', what, state), " AGE(                 \
        "since") " FROM waits"

#define JOBS                                                                                                           \
    "SELECT 'aisha_jobs', format('kind=\"%s\",state=\"%s\"', known, state), count(*) FROM (SELECT state, CASE WHEN"    \
    " kind = ANY($1::text[]) THEN kind ELSE 'unknown' END AS known FROM jobs) j GROUP BY known, state"                 \
    " UNION ALL SELECT 'aisha_jobs_overdue', '', count(*) FROM jobs WHERE state = 'leased' AND lease_until < now()"

#define TURNS                                                                                                          \
    "SELECT 'aisha_slots', 'state=\"used\"', count(*) FROM slots"                                                      \
    " UNION ALL SELECT 'aisha_slots', 'state=\"all\"', slots FROM admission"                                           \
    " UNION ALL SELECT 'aisha_slots_oldest_seconds', '', " AGE(                                                        \
        "SELECT min(taken_at) FROM slots") " UNION ALL SELECT 'aisha_queue', format('lane=\"%s\"', name), (SELECT "    \
                                           "COALESCE(sum(waiting), 0) FROM flows f"                                    \
                                           " WHERE f.waiting > 0 AND f.lane = l.lane) FROM (VALUES (0, "               \
                                           "'interactive'), (1, 'batch')) AS l (lane, name)"                           \
                                           " UNION ALL SELECT 'aisha_queue_oldest_seconds', '', " AGE(                 \
                                               "SELECT min(queued_at) FROM generation_queue")

#define BREAKER "format('endpoint=\"%s\"', CASE WHEN endpoint = '' THEN 'account' ELSE endpoint END)"
#define BREAKERS                                                                                                       \
    "SELECT 'aisha_breaker_open', " BREAKER ", (open_until IS NOT NULL)::integer FROM breakers"                        \
    " UNION ALL SELECT 'aisha_breaker_trips', " BREAKER ", trips FROM breakers"

#define SUBMISSIONS                                                                                                    \
    "SELECT 'aisha_submissions', format('state=\"%s\"', known.state), count(s.state) FROM (VALUES ('sending'),"        \
    " ('unknown'), ('accepted'), ('review')) AS known (state) LEFT JOIN (SELECT state FROM submissions WHERE state IN" \
    " ('sending', 'unknown', 'accepted', 'review')) s USING (state) GROUP BY known.state"                              \
    " UNION ALL SELECT 'aisha_looked_for_total', '', count(*) FROM submissions WHERE looks > 0"                        \
    " UNION ALL SELECT 'aisha_extra_paid_total', '', count(*) FROM submissions s WHERE state IN ('rejected',"          \
    " 'abandoned') AND request_id IS NOT NULL AND EXISTS (SELECT FROM submissions o WHERE o.generation_id ="           \
    " s.generation_id AND o.attempt > s.attempt)"

#define SWEEP "format('sweep=\"%s\"', name)"
#define SWEEPS                                                                                                         \
    "SELECT 'aisha_sweep_found_total', " SWEEP ", found FROM sweeps"                                                   \
    " UNION ALL SELECT 'aisha_sweep_mended_total', " SWEEP ", mended FROM sweeps"                                      \
    " UNION ALL SELECT 'aisha_sweep_last_seconds', " SWEEP ", " AGE("looked_at") " FROM sweeps"

struct query metrics_work(const char *job_kinds)
{
    struct query q = query_read("WITH " OPEN " " WAITS " UNION ALL " JOBS " UNION ALL " TURNS " UNION ALL " BREAKERS
                                " UNION ALL " SUBMISSIONS " UNION ALL " SWEEPS);

    query_add_text(&q, job_kinds);
    return q;
}

static const struct {
    const char *name, *type, *help;
} METRICS[] = {
    {"aisha_waiting", "gauge", "Rows of work by kind and state: jobs that are due, generations that have not ended."},
    {"aisha_oldest_seconds", "gauge", "Age of the oldest of them."},
    {"aisha_jobs", "gauge", "Jobs, due or not; kind unknown: of none that this program does."},
    {"aisha_jobs_overdue", "gauge", "Jobs that are held beyond the end of their lease."},
    {"aisha_slots", "gauge", "Places for requests at the provider: in use, and all there are."},
    {"aisha_slots_oldest_seconds", "gauge", "For how long the oldest has been in use."},
    {"aisha_queue", "gauge", "Generations that wait for their turn."},
    {"aisha_queue_oldest_seconds", "gauge", "Age of the oldest of them."},
    {"aisha_breaker_open", "gauge", "1: nothing is sent there, but for a trial; account: nothing at all."},
    {"aisha_breaker_trips", "gauge", "How often it opened in a row."},
    {"aisha_submissions", "gauge",
     "Attempts that are open; review: nobody knows, and it is too dear to be sent again."},
    {"aisha_looked_for_total", "counter", "Attempts whose answer was lost and that the provider's list was asked for."},
    {"aisha_extra_paid_total", "counter", "Attempts that were given up, sent again, and had been accepted after all."},
    {"aisha_sweep_found_total", "counter", "What a sweep found that should not be there."},
    {"aisha_sweep_mended_total", "counter", "What it mended of that."},
    {"aisha_sweep_last_seconds", "gauge", "Since its last look."},
};

/* The rows of one metric stand together, but for what UNION ALL may do: each is looked for in all. */
static void write_samples(const PGresult *rows, const char *name, struct buf *out)
{
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        if (strcmp(row_text(&row), name) != 0)
            continue;
        const char *labels = row_text(&row), *value = row_text(&row);
        (void)buf_add_format(out, "%s%s%s%s %s\n", name, *labels ? "{" : "", labels, *labels ? "}" : "", value);
    }
}

void metrics_work_write(const PGresult *rows, struct buf *out)
{
    for (size_t i = 0; i < sizeof METRICS / sizeof *METRICS; i++) {
        (void)buf_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", METRICS[i].name, METRICS[i].help, METRICS[i].name,
                             METRICS[i].type);
        write_samples(rows, METRICS[i].name, out);
    }
}
