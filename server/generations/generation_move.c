#include "generations/generation_move.h"

bool generation_note(const struct job_tools *tools, struct query q, struct err *reterr)
{
    return pg_do(tools->pg, &q, reterr);
}

bool generation_await_turn(const struct job_tools *tools, const struct job *job, struct job_next *ret,
                           struct err *reterr)
{
    ret->parked = ret->freed = true;
    return job_move(tools, generation_requeue(job), reterr);
}

bool generation_fail(const struct job_tools *tools, const struct job *job, const char *code, struct job_next *ret,
                     struct err *reterr)
{
    ret->done = ret->freed = true;
    return job_move(tools, generation_failed(job, code), reterr);
}
