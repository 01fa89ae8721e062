#include "batches/batch_job.h"

#include "events/event_bell.h"

#define HELD JOB_HOLDING

static struct query step(const struct job *job)
{
    return job_query(job, "WITH " HELD " SELECT s.wait_ms, s.released FROM held, LATERAL batch_step(held.ref) s");
}

bool batch_job_step(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    struct query q = step(job);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    struct row row;

    if (!rows)
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_CONFLICT, "job_lost", "another worker has the job");
    row = rows_at(rows, 0);
    ret->delay_ms = row_int64(&row);
    ret->done = ret->delay_ms == 0;
    ret->freed = row_bool(&row);
    return true;
}

static struct query fail_waiting(const struct job *job)
{
    return job_query(job, "WITH " HELD " SELECT batch_fail_waiting(held.ref, 'internal') FROM held");
}

bool batch_job_give_up(const struct job_tools *tools, const struct job *job, const struct err *why, struct err *reterr)
{
    struct query q = fail_waiting(job);
    bool ok = pg_do(tools->pg, &q, reterr);

    (void)why;
    event_bell_ring(tools->event_bell);
    return ok;
}
