/* Fault points, whatever the build: compiled in here. */
#ifndef FAULTS
#define FAULTS 1
#endif
#include "base/fault_point.c" /* NOLINT(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>

#include "base/clock.h"

enum { PASSES = 10000 };

static struct err err;

static void use(const char *rules, uint64_t seed)
{
    if (!fault_point_rules(rules, seed, &err))
        fail_msg("%s", err.detail);
}

/* Thousands of strikes are not shown. Returns what loud() undoes. */
static int quiet(void)
{
    int kept = dup(STDERR_FILENO), nothing = open("/dev/null", O_WRONLY);

    assert_true(kept >= 0 && nothing >= 0 && dup2(nothing, STDERR_FILENO) >= 0);
    (void)close(nothing);
    return kept;
}

static void loud(int kept)
{
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
}

static void without_rules_nothing_happens(void **state)
{
    (void)state;
    use("", 1);
    for (int i = 0; i < PASSES; i++)
        assert_false(fault_point("db", "x", "before"));
}

static void a_rule_strikes_where_its_pattern_says(void **state)
{
    (void)state;
    use("error:1:db.job_*.after,error:1:put.before", 1);
    assert_true(fault_point("db", "job_claim", "after"));
    assert_false(fault_point("db", "job_claim", "before"));
    assert_false(fault_point("db", "worker_beat", "after"));
    assert_true(fault_point("put", NULL, "before"));
    assert_false(fault_point("get", NULL, "before"));
    use("error:1:*", 1);
    assert_true(fault_point("http", "POST", "sent"));
}

static void a_numbered_rule_strikes_once(void **state)
{
    (void)state;
    use("error:#3:db.*", 1);
    for (int i = 1; i <= 10; i++) {
        assert_int_equal(fault_point("db", "x", "before"), i == 3);
        assert_false(fault_point("get", NULL, "before")); /* not counted */
    }
}

static void strikes_as_often_as_it_is_told(void **state)
{
    static const struct {
        const char *rules;
        int least, most;
    } OFTEN[] = {{"error:0:*", 0, 0},
                 {"error:0.000000000:*", 0, 0},
                 {"error:0.25:*", 2300, 2700},
                 {"error:0.03:*", 230, 370},
                 {"error:1.0:*", PASSES, PASSES}};

    (void)state;
    for (size_t i = 0; i < sizeof OFTEN / sizeof *OFTEN; i++) {
        int struck = 0, kept = quiet();
        use(OFTEN[i].rules, 42);
        for (int pass = 0; pass < PASSES; pass++)
            struck += fault_point("db", "x", "after");
        loud(kept);
        assert_in_range(struck, OFTEN[i].least, OFTEN[i].most);
    }
}

static void note_strikes(uint64_t seed, bool ret[PASSES])
{
    int kept = quiet();

    use("error:0.5:nothing,error:0.1:*", seed);
    for (int i = 0; i < PASSES; i++)
        ret[i] = fault_point("db", i % 2 ? "odd" : "even", "after");
    loud(kept);
}

static void the_same_seed_strikes_at_the_same_passes(void **state)
{
    static bool first[PASSES], again[PASSES], other[PASSES];

    (void)state;
    note_strikes(7, first);
    note_strikes(7, again);
    note_strikes(8, other);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
}

static void a_pause_takes_its_time_and_is_no_failure(void **state)
{
    int64_t began = clock_monotonic_ms();

    (void)state;
    use("pause:120:1:get.before", 1);
    assert_false(fault_point("get", NULL, "before"));
    assert_in_range(clock_monotonic_ms() - began, 120, 2000);
}

static void every_rule_that_matches_counts(void **state)
{
    int64_t began = clock_monotonic_ms();

    (void)state;
    use("error:#1:db.*,pause:50:1:*,error:#2:*", 1);
    assert_true(fault_point("db", "x", "before"));
    assert_true(fault_point("db", "x", "before"));
    assert_false(fault_point("db", "x", "before"));
    assert_in_range(clock_monotonic_ms() - began, 150, 2000);
}

static void killing_is_said_before_it_happens(void **state)
{
    char said[1000] = "";
    int ends[2], status;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        use("kill:#2:db.x.after", 1);
        (void)fault_point("db", "x", "after");
        (void)fault_point("db", "x", "after");
        _exit(0);
    }
    (void)close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(read(ends[0], said, sizeof said - 1) > 0);
    (void)close(ends[0]);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_non_null(strstr(said, "event=fault point=db.x.after action=kill rule=1 pass=2\n"));
}

static void rules_that_cannot_be_read_are_refused(void **state)
{
    static const char *const BAD[] = {"kill",         "kill:1",      "kill:1:",      "kill:2:*",
                                      "kill:-1:*",    "kill:x:*",    "kill:#0:*",    "kill:#x:*",
                                      "kill:1.1:*",   "kill:.5:*",   "kill:0.:*",    "kill:0.1234567890:*",
                                      "pause:1:*",    "pause:x:1:*", "pause:-5:1:*", "die:1:*",
                                      "error:1:a:b",  "error:1:*,",  ",error:1:*",   "error:1:*,,error:1:*",
                                      "error:0.1 :*", " error:1:*",  "error::*",     ":1:*"};
    char many[2000] = "error:1:*";

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (fault_point_rules(BAD[i], 1, &err))
            fail_msg("taken: %s", BAD[i]);
        assert_string_equal(err.code, "fault_rules");
    }
    for (int i = 1; i < MAX_RULES; i++)
        (void)snprintf(many + strlen(many), sizeof many - strlen(many), ",error:1:*");
    use(many, 1);
    (void)snprintf(many + strlen(many), sizeof many - strlen(many), ",error:1:*");
    assert_false(fault_point_rules(many, 1, &err));
}

/* How this program ends when it is started with these variables and nothing to do. */
static int status_with(const char *rules, const char *seed)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        (void)quiet();
        (void)setenv("AISHA_FAULTS", rules, 1);
        (void)setenv("AISHA_FAULTS_SEED", seed, 1);
        (void)execl("/proc/self/exe", "fault_point_test", "nothing", (char *)NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_program_with_wrong_variables_does_not_start(void **state)
{
    (void)state;
    assert_int_equal(status_with("kill:0.03:*", "7"), 0);
    assert_int_equal(status_with("kill:0.03:*", ""), 0);
    assert_int_equal(status_with("kill:0.03", "7"), 2);
    assert_int_equal(status_with("kill:0.03:*", "seven"), 2);
    assert_int_equal(status_with("", "seven"), 0); /* no rules, no faults */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_nothing_happens),
        cmocka_unit_test(a_rule_strikes_where_its_pattern_says),
        cmocka_unit_test(a_numbered_rule_strikes_once),
        cmocka_unit_test(strikes_as_often_as_it_is_told),
        cmocka_unit_test(the_same_seed_strikes_at_the_same_passes),
        cmocka_unit_test(a_pause_takes_its_time_and_is_no_failure),
        cmocka_unit_test(every_rule_that_matches_counts),
        cmocka_unit_test(killing_is_said_before_it_happens),
        cmocka_unit_test(rules_that_cannot_be_read_are_refused),
        cmocka_unit_test(a_program_with_wrong_variables_does_not_start),
    };

    if (argc > 1 && strcmp(argv[1], "nothing") == 0)
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
