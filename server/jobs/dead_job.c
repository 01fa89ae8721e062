#include "jobs/dead_job.h"

struct query dead_jobs(int64_t limit)
{
    struct query q = query_read("SELECT id, kind, ref, attempts, crashes, last_error, run_at FROM jobs"
                                " WHERE state = 'dead' ORDER BY id LIMIT $1");

    query_add_int64(&q, limit);
    return q;
}

struct dead_job dead_job_from_row(struct row row)
{
    struct dead_job job = {.id = row_int64(&row)};

    job.kind = row_text(&row);
    job.ref = row_uuid(&row);
    job.attempts = row_int64(&row);
    job.crashes = row_int64(&row);
    job.last_error = row_text_or_null(&row);
    row_time(&row, job.since);
    return job;
}

#define CHOSEN " WHERE state = 'dead' AND (id = $1 OR $1::bigint = 0)"

struct query dead_job_retry(int64_t id)
{
    struct query q = query_write("UPDATE jobs SET state = 'ready', attempts = 0, crashes = 0, last_error = NULL,"
                                 " run_at = now()" CHOSEN);

    query_add_int64(&q, id);
    return q;
}

struct query dead_job_discard(int64_t id)
{
    struct query q = query_write("DELETE FROM jobs" CHOSEN);

    query_add_int64(&q, id);
    return q;
}
