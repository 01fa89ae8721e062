/* Every statement on a generation in every state: the arrows of the diagram in attempt.h, and that there are no more.
 */
#include "generations/attempt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generations/generation.h"
#include "support/attempt_scene.h"
#include "support/sql.h"

static const struct statement {
    const char *name;
    struct query (*make)(void);
    bool held; /* under the job's epoch */
} STATEMENTS[] = {
    {"begin", scene_begin, true},
    {"accepted", scene_accept_it, false},
    {"rejected", scene_reject, true},
    {"unknown", scene_lose, true},
    {"looked", scene_look, true},
    {"abandoned", scene_abandon, true},
    {"review", scene_review, true},
    {"requeue", scene_requeue, true},
    {"seen queued", scene_see_queued, true},
    {"seen running", scene_see_running, true},
    {"made", scene_make, true},
    {"failed", scene_fail_it, true},
    {"cancelled", scene_end_it, true},
    {"completed", scene_complete, true},
    {"cancel", scene_ask_cancel, false},
    {"heard result", scene_hear_result, false},
    {"heard end", scene_hear_end, false},
    {"heard failure", scene_hear_failure, false},
};

static const char *const STATES[] = {
    "pending/none",        "pending/rejected", "pending/abandoned", "submitting/sending",
    "submitting/unknown",  "queued/accepted",  "running/accepted",  "storing/accepted",
    "completed/completed", "failed/failed",    "failed/review",     "cancelled/failed",
};

/* What gives a row, and where it leads. Whatever does not stand here must give none and change nothing. */
static const struct arrow {
    const char *statement, *from, *to;
} ARROWS[] = {
    {"begin", "pending/none", "submitting/none"}, /* its submission is new */
    {"begin", "pending/rejected", "submitting/rejected"},
    {"accepted", "submitting/sending", "queued/accepted"},
    {"accepted", "submitting/unknown", "queued/accepted"},
    {"accepted", "pending/rejected", "queued/accepted"}, /* it was, after all */
    {"begin", "pending/abandoned", "submitting/abandoned"},
    {"accepted", "pending/abandoned", "queued/accepted"},
    {"accepted", "failed/review", "failed/review"},
    {"accepted", "queued/accepted", "queued/accepted"},
    {"accepted", "running/accepted", "running/accepted"},
    {"accepted", "storing/accepted", "storing/accepted"},
    {"accepted", "completed/completed", "completed/completed"},
    {"accepted", "failed/failed", "failed/failed"},
    {"accepted", "cancelled/failed", "cancelled/failed"},
    {"rejected", "submitting/sending", "pending/rejected"},
    {"rejected", "submitting/unknown", "pending/rejected"},
    {"unknown", "submitting/sending", "submitting/unknown"},
    {"looked", "submitting/unknown", "submitting/unknown"},
    {"abandoned", "submitting/sending", "pending/abandoned"},
    {"abandoned", "submitting/unknown", "pending/abandoned"},
    {"review", "submitting/sending", "failed/review"},
    {"review", "submitting/unknown", "failed/review"},
    {"requeue", "pending/none", "pending/none"},
    {"requeue", "pending/rejected", "pending/rejected"},
    {"requeue", "pending/abandoned", "pending/abandoned"},
    {"failed", "pending/abandoned", "failed/abandoned"},
    {"cancelled", "pending/abandoned", "cancelled/abandoned"},
    {"cancel", "pending/abandoned", "cancelled/abandoned"},
    {"completed", "failed/failed", "completed/failed"}, /* a late result */
    {"completed", "failed/review", "completed/abandoned"},
    {"heard result", "pending/abandoned", "storing/accepted"},
    {"heard result", "failed/review", "failed/review"},
    {"heard end", "pending/abandoned", "queued/accepted"},
    {"heard end", "failed/review", "failed/review"},
    {"heard failure", "pending/abandoned", "queued/accepted"},
    {"heard failure", "failed/review", "failed/review"},
    {"seen queued", "queued/accepted", "queued/accepted"},
    {"seen queued", "running/accepted", "running/accepted"},
    {"seen running", "queued/accepted", "running/accepted"},
    {"made", "queued/accepted", "storing/accepted"},
    {"made", "running/accepted", "storing/accepted"},
    {"failed", "pending/none", "failed/none"},
    {"failed", "pending/rejected", "failed/rejected"},
    {"failed", "submitting/sending", "failed/failed"},
    {"failed", "submitting/unknown", "failed/failed"},
    {"failed", "queued/accepted", "failed/failed"},
    {"failed", "running/accepted", "failed/failed"},
    {"failed", "storing/accepted", "failed/failed"},
    {"cancelled", "pending/none", "cancelled/none"},
    {"cancelled", "pending/rejected", "cancelled/rejected"},
    {"cancelled", "submitting/sending", "cancelled/failed"},
    {"cancelled", "submitting/unknown", "cancelled/failed"},
    {"cancelled", "queued/accepted", "cancelled/failed"},
    {"cancelled", "running/accepted", "cancelled/failed"},
    {"cancelled", "storing/accepted", "cancelled/failed"},
    {"completed", "storing/accepted", "completed/completed"},
    {"cancel", "pending/none", "cancelled/none"},
    {"cancel", "pending/rejected", "cancelled/rejected"},
    {"cancel", "submitting/sending", "submitting/sending"},
    {"cancel", "submitting/unknown", "submitting/unknown"},
    {"cancel", "queued/accepted", "queued/accepted"},
    {"cancel", "running/accepted", "running/accepted"},
    {"cancel", "storing/accepted", "storing/accepted"},
    {"heard result", "pending/rejected", "storing/accepted"},
    {"heard result", "submitting/sending", "storing/accepted"},
    {"heard result", "submitting/unknown", "storing/accepted"},
    {"heard result", "queued/accepted", "storing/accepted"},
    {"heard result", "running/accepted", "storing/accepted"},
    {"heard result", "storing/accepted", "storing/accepted"},
    {"heard result", "completed/completed", "completed/completed"},
    {"heard result", "failed/failed", "failed/failed"},
    {"heard result", "cancelled/failed", "cancelled/failed"},
    {"heard end", "pending/rejected", "queued/accepted"},
    {"heard end", "submitting/sending", "queued/accepted"},
    {"heard end", "submitting/unknown", "queued/accepted"},
    {"heard end", "queued/accepted", "queued/accepted"},
    {"heard end", "running/accepted", "running/accepted"},
    {"heard end", "storing/accepted", "storing/accepted"},
    {"heard end", "completed/completed", "completed/completed"},
    {"heard end", "failed/failed", "failed/failed"},
    {"heard end", "cancelled/failed", "cancelled/failed"},
    {"heard failure", "pending/rejected", "queued/accepted"},
    {"heard failure", "submitting/sending", "queued/accepted"},
    {"heard failure", "submitting/unknown", "queued/accepted"},
    {"heard failure", "queued/accepted", "queued/accepted"},
    {"heard failure", "running/accepted", "running/accepted"},
    {"heard failure", "storing/accepted", "storing/accepted"},
    {"heard failure", "completed/completed", "completed/completed"},
    {"heard failure", "failed/failed", "failed/failed"},
    {"heard failure", "cancelled/failed", "cancelled/failed"},
};

static const char *where(const char *statement, const char *from)
{
    for (size_t i = 0; i < sizeof ARROWS / sizeof *ARROWS; i++)
        if (strcmp(ARROWS[i].statement, statement) == 0 && strcmp(ARROWS[i].from, from) == 0)
            return ARROWS[i].to;
    return NULL;
}

static void try_arrow(const struct statement *statement, const char *from)
{
    const char *to = where(statement->name, from);
    char before[64];
    int count;

    scene_play(from);
    (void)snprintf(before, sizeof before, "%s", scene_everything());
    count = sql_count(statement->make());
    if (count != (to != NULL) || strcmp(scene_now_at(), to ? to : from) != 0)
        fail_msg("%s from %s: %d rows, now %s", statement->name, from, count, scene_now_at());
    if (!to)
        assert_string_equal(scene_everything(), before);
}

static void the_arrows_are_those_of_the_diagram(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof STATEMENTS / sizeof *STATEMENTS; s++)
        for (size_t f = 0; f < sizeof STATES / sizeof *STATES; f++)
            try_arrow(&STATEMENTS[s], STATES[f]);
}

static void a_lost_claim_moves_nothing(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof STATEMENTS / sizeof *STATEMENTS; s++)
        for (size_t f = 0; STATEMENTS[s].held && f < sizeof STATES / sizeof *STATES; f++) {
            char before[64];
            scene_play(STATES[f]);
            (void)snprintf(before, sizeof before, "%s", scene_everything());
            scene.job.epoch--; /* somebody has claimed it since */
            assert_int_equal(sql_count(STATEMENTS[s].make()), 0);
            assert_string_equal(scene_everything(), before);
            scene.job.epoch++;
            (void)sql_count(worker_retire(1)); /* given back, not claimed yet */
            assert_int_equal(sql_count(STATEMENTS[s].make()), 0);
            assert_string_equal(scene_now_at(), STATES[f]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_arrows_are_those_of_the_diagram),
        cmocka_unit_test(a_lost_claim_moves_nothing),
    };

    return cmocka_run_group_tests(tests, scene_open, sql_close);
}
