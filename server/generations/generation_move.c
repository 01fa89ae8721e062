#include "generations/generation_move.h"

#include "events/event_bell.h"

bool generation_move(const struct job_tools *tools, struct query q, struct err *reterr)
{
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);

    if (!rows)
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_CONFLICT, "job_lost", "the state was changed by somebody else");
    event_bell_ring(tools->event_bell);
    return true;
}

bool generation_note(const struct job_tools *tools, struct query q, struct err *reterr)
{
    return pg_do(tools->pg, &q, reterr);
}

bool generation_fail(const struct job_tools *tools, const struct job *job, const char *code, struct job_next *ret,
                     struct err *reterr)
{
    ret->done = ret->freed = true;
    return generation_move(tools, generation_failed(job, code), reterr);
}
