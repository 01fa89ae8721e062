#include "jobs/job_move.h"

#include "events/event_bell.h"

bool job_move(const struct job_tools *tools, struct query q, struct err *reterr)
{
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);

    if (!rows)
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_CONFLICT, "job_lost", "the state was changed by somebody else");
    event_bell_ring(tools->event_bell);
    return true;
}
