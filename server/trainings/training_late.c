/* A training that has failed because it took too long, or nobody knew whether it was taken, and whose end the provider
   told of later. Its credits have been given back; the model is its user's all the same, unless the avatar has begun to
   learn anew. */
#include "base/config.h"
#include "base/log.h"
#include "jobs/job_move.h"
#include "trainings/training_job.h"

static bool over(const struct job_tools *tools, const struct job *job, const char *why, struct job_next *ret,
                 struct err *reterr)
{
    log_write(LOG_WARN, "training_late_over", "training=%s reason=%s", job->ref.text, why);
    ret->delay_ms = 0;
    return job_move(tools, training_late_over(job), reterr);
}

static bool look(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                 struct job_next *ret, struct err *reterr)
{
    const struct fal_ticket ticket = training_ticket(a);
    struct fal_outcome outcome;

    switch (fal_result(tools->training_fal, &ticket, &outcome, reterr)) {
    case FAL_RESULT_READY:
        ret->delay_ms = 0;
        return *outcome.lora_url || *outcome.finetune_id ? job_move(tools, training_made_late(job, &outcome), reterr)
                                                         : over(tools, job, "model_missing", ret, reterr);
    case FAL_RESULT_FAILED: return over(tools, job, fal_failure_code(outcome.failure), ret, reterr);
    case FAL_RESULT_NOT_YET: return err_set(reterr, ERR_UPSTREAM, "result_missing", "the result is not there yet");
    case FAL_RESULT_UNREACHABLE: break;
    }
    reterr->kind = ERR_BUSY; /* waited out */
    ret->delay_ms = 15 * 1000;
    return false;
}

bool training_late(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                   struct job_next *ret, struct err *reterr)
{
    if (a->followed)
        return over(tools, job, "followed", ret, reterr);
    if (!a->lora_url && !a->finetune_id)
        return look(tools, job, a, ret, reterr);
    return training_store(tools, job, a, ret, reterr);
}
