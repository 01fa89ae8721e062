#include "ops/metrics_work.h"

#include "ops/metric_rows.h"

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
    " UNION ALL SELECT 'aisha_slots_oldest_seconds', '', " AGE("SELECT min(taken_at) FROM slots")

/* Every lane and endpoint of the catalogue, also when nobody waits there: alarms need the zero. */
#define LANES "(VALUES (0, 'interactive'), (1, 'batch')) AS l (lane, name)"
#define WAITING_IN "SELECT COALESCE(sum(waiting), 0) FROM flows f WHERE f.waiting > 0 AND f.lane = l.lane"
#define OLDEST AGE("SELECT min(queued_at) FROM generation_queue")
#define OLDEST_IN AGE("SELECT queued_at FROM generation_queue q WHERE q.lane = l.lane ORDER BY queued_at LIMIT 1")
#define QUEUE                                                                                                          \
    "SELECT 'aisha_queue', format('lane=\"%s\"', name), (" WAITING_IN ") FROM " LANES                                  \
    " UNION ALL SELECT 'aisha_queue_oldest_seconds', '', " OLDEST                                                      \
    " UNION ALL SELECT 'aisha_lane_oldest_seconds', format('lane=\"%s\"', name), " OLDEST_IN " FROM " LANES            \
    " UNION ALL SELECT 'aisha_batches_waiting', '', count(*) FROM batches WHERE next_position IS NOT NULL"

#define WAITS_FOR                                                                                                      \
    "(SELECT lane, waiting, CASE WHEN endpoint = ANY($2::text[]) THEN endpoint ELSE 'other' END AS endpoint"           \
    " FROM flows WHERE waiting > 0)"
#define QUEUE_BY_ENDPOINT                                                                                              \
    "SELECT 'aisha_endpoint_queue', format('lane=\"%s\",endpoint=\"%s\"', l.name, e.endpoint),"                        \
    " COALESCE(sum(f.waiting), 0) FROM " LANES " CROSS JOIN unnest($2::text[] || '{other}') AS e (endpoint)"           \
    " LEFT JOIN " WAITS_FOR " f ON f.lane = l.lane AND f.endpoint = e.endpoint GROUP BY l.name, e.endpoint"

#define BREAKER "format('endpoint=\"%s\"', CASE WHEN endpoint = '' THEN 'account' ELSE endpoint END)"
#define QUOTABLE " FROM breakers WHERE endpoint !~ '[\"\\\\[:cntrl:]]'"
#define BREAKERS                                                                                                       \
    "SELECT 'aisha_breaker_open', " BREAKER ", (open_until IS NOT NULL)::integer" QUOTABLE                             \
    " UNION ALL SELECT 'aisha_breaker_trips', " BREAKER ", trips" QUOTABLE

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

struct query metrics_work(const char *job_kinds, const struct metrics_names *names)
{
    struct query q = query_read("WITH " OPEN " " WAITS " UNION ALL " JOBS " UNION ALL " TURNS " UNION ALL " QUEUE
                                " UNION ALL " QUEUE_BY_ENDPOINT " UNION ALL " BREAKERS " UNION ALL " SUBMISSIONS
                                " UNION ALL " SWEEPS " UNION ALL TABLE endpoint_metrics");

    query_add_text(&q, job_kinds);
    query_add_text(&q, names->endpoints);
    return q;
}

static const struct metric_family FAMILIES[] = {
    {"aisha_waiting", "gauge", "Rows of work by kind and state: jobs that are due, generations that have not ended."},
    {"aisha_oldest_seconds", "gauge", "Age of the oldest of them."},
    {"aisha_jobs", "gauge", "Jobs, due or not; kind unknown: of none that this program does."},
    {"aisha_jobs_overdue", "gauge", "Jobs that are held beyond the end of their lease."},
    {"aisha_slots", "gauge", "Places for requests at the provider: in use, and all there are."},
    {"aisha_slots_oldest_seconds", "gauge", "For how long the oldest has been in use."},
    {"aisha_queue", "gauge", "Generations that wait for their turn."},
    {"aisha_queue_oldest_seconds", "gauge", "Age of the oldest of them."},
    {"aisha_endpoint_queue", "gauge", "The same, by where they go; other: to no endpoint of the catalogue."},
    {"aisha_lane_oldest_seconds", "gauge", "Age of the oldest in each lane."},
    {"aisha_batches_waiting", "gauge", "Sequential batches of which something waits for the one before."},
    {"aisha_breaker_open", "gauge", "1: nothing is sent there, but for a trial; account: nothing at all."},
    {"aisha_breaker_trips", "gauge", "How often it opened in a row."},
    {"aisha_submissions", "gauge",
     "Attempts that are open; review: nobody knows, and it is too dear to be sent again."},
    {"aisha_looked_for_total", "counter", "Attempts whose answer was lost and that the provider's list was asked for."},
    {"aisha_extra_paid_total", "counter", "Attempts that were given up, sent again, and had been accepted after all."},
    {"aisha_sweep_found_total", "counter", "What a sweep found that should not be there."},
    {"aisha_sweep_mended_total", "counter", "What it mended of that."},
    {"aisha_sweep_last_seconds", "gauge", "Since its last look."},
    {"aisha_endpoint_switched", "gauge", "1: an operator has switched it to that state."},
    {"aisha_endpoint_vanished_total", "counter", "Answers of the provider that there is no such endpoint."},
};

void metrics_work_write(const PGresult *rows, struct buf *out)
{
    metric_rows_write(rows, FAMILIES, sizeof FAMILIES / sizeof *FAMILIES, out);
}
