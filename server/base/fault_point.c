#include "base/fault_point.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"

#ifdef FAULTS
enum { MAX_RULES = 32, NAME_ROOM = 128, MAX_PAUSE_MS = 3600 * 1000, DECIMALS = 9, BILLION = 1000000000 };

enum action { KILL, PAUSE, ERROR };
static const char *const ACTIONS[] = {[KILL] = "kill", [PAUSE] = "pause", [ERROR] = "error"};

struct rule {
    enum action action;
    int64_t pause_ms;
    int64_t billionths; /* of the passes are struck; when only is 0 */
    int64_t only;       /* this pass alone; 0: not so */
    char points[NAME_ROOM];
    atomic_llong passes;
};

static struct {
    struct rule rules[MAX_RULES]; /* set while there is one thread; then only passes change */
    int count;
    uint64_t seed;
} plan;

static bool read_action(struct text word, enum action *ret)
{
    for (int i = KILL; i <= ERROR; i++)
        if (text_equal(word, text_of(ACTIONS[i]))) {
            *ret = (enum action)i;
            return true;
        }
    return false;
}

/* "0.03" in billionths. */
static bool read_probability(struct text t, int64_t *ret)
{
    int64_t whole, part = 0;
    struct text digits = text_cut(&t, '.');

    if (!text_int64(digits, 0, 1, &whole) || (t.at && (t.len > DECIMALS || !text_int64(t, 0, BILLION - 1, &part))))
        return false;
    for (size_t i = t.len; t.at && i < DECIMALS; i++)
        part *= 10;
    *ret = whole * BILLION + part;
    return *ret <= BILLION;
}

static bool read_when(struct text t, struct rule *rule)
{
    if (text_starts(t, TEXT("#")))
        return text_int64((struct text){t.at + 1, t.len - 1}, 1, INT64_MAX, &rule->only);
    return read_probability(t, &rule->billionths);
}

static bool read_rule(struct text t, struct rule *rule)
{
    return read_action(text_cut(&t, ':'), &rule->action) &&
           (rule->action != PAUSE || text_int64(text_cut(&t, ':'), 0, MAX_PAUSE_MS, &rule->pause_ms)) &&
           read_when(text_cut(&t, ':'), rule) && t.at && t.len && !memchr(t.at, ':', t.len) &&
           text_copy(rule->points, sizeof rule->points, t);
}

bool fault_point_rules(const char *rules, uint64_t seed, struct err *reterr)
{
    struct text rest = text_of(rules);

    memset(&plan, 0, sizeof plan);
    plan.seed = seed;
    while (rest.at && *rules) {
        struct text t = text_cut(&rest, ',');
        if (plan.count == MAX_RULES)
            return err_set(reterr, ERR_INVALID, "fault_rules", "more than %d rules", MAX_RULES);
        if (!read_rule(t, &plan.rules[plan.count]))
            return err_set(reterr, ERR_INVALID, "fault_rules", "not a rule: %.*s", (int)t.len, t.at);
        plan.count++;
    }
    return true;
}

static void read_environment(void) __attribute__((constructor));

static void read_environment(void)
{
    const char *rules = getenv("AISHA_FAULTS"), *seed = getenv("AISHA_FAULTS_SEED");
    struct err err = {0};
    uint64_t number;

    if (!rules || !*rules)
        return;
    crypto_random(&number, sizeof number);
    if (seed && *seed && !text_uint64(text_of(seed), &number))
        (void)err_set(&err, ERR_INVALID, "fault_rules", "AISHA_FAULTS_SEED is not a number");
    else if (fault_point_rules(rules, number, &err)) {
        log_write(LOG_ERROR, "faults", "seed=%llu rules=%s", (unsigned long long)number, LOG_QUOTE(rules));
        return;
    }
    (void)fprintf(stderr, "AISHA_FAULTS: %s\n", err.detail);
    exit(2);
}

/* splitmix64's output function: equal inputs give equal, neighbouring ones unrelated numbers. */
static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static bool strikes(const struct rule *rule, int64_t pass)
{
    uint64_t place = (uint64_t)(rule - plan.rules);

    if (rule->only)
        return pass == rule->only;
    return (int64_t)(mixed(mixed(plan.seed + place) ^ (uint64_t)pass) % BILLION) < rule->billionths;
}

static void pause_for(int64_t ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static void say(const struct rule *rule, const char *point, int64_t pass)
{
    log_write(LOG_ERROR, "fault", "point=%s action=%s rule=%d pass=%lld", point, ACTIONS[rule->action],
              (int)(rule - plan.rules) + 1, (long long)pass);
}

/* One rule at one point; true: the operation shall fail. */
static bool strike(struct rule *rule, const char *point)
{
    int64_t pass;

    if (fnmatch(rule->points, point, 0) != 0)
        return false;
    pass = atomic_fetch_add(&rule->passes, 1) + 1;
    if (!strikes(rule, pass))
        return false;
    say(rule, point, pass); /* one write(2): it is out before the process is gone */
    if (rule->action == KILL)
        (void)raise(SIGKILL);
    else if (rule->action == PAUSE)
        pause_for(rule->pause_ms);
    return rule->action == ERROR;
}

bool fault_point(const char *kind, const char *name, const char *when)
{
    char point[NAME_ROOM];
    bool fails = false;

    if (!plan.count)
        return false;
    (void)snprintf(point, sizeof point, "%s%s%s.%s", kind, name ? "." : "", name ? name : "", when);
    for (int i = 0; i < plan.count; i++)
        fails = strike(&plan.rules[i], point) || fails;
    return fails;
}
#endif
