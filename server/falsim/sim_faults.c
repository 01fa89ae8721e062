#define _GNU_SOURCE /* memmem */
#include "falsim/sim_faults.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "falsim/sim_chance.h"
#include "json/json_in.h"

enum { MAX_RULES = 64, DEFAULT_DELAY_MS = 2000, MAX_DELAY_MS = 24 * 3600 * 1000 };

#define ANSWERS SIM_REFUSALS " " SIM_NO_ANSWERS
static const struct {
    const char *op, *faults;
} KNOWN[] = {
    {"submit", SIM_REFUSALS " close reset hang close_before_accept " SIM_BEHIND_THE_DOOR},
    {"status", ANSWERS " slow unknown"},
    {"result",
     "422 500 504 runner_disconnected missing_image null_file nsfw missing_config wrong_size lost expired slow "
     "429 502 503 " SIM_NO_ANSWERS},
    {"cancel", ANSWERS},
    {"upload", ANSWERS},
    {"listing", ANSWERS " delayed"},
    {"webhook", "lost duplicate delayed reordered forged bad_signature old_timestamp key_rotated key_replaced"},
    {"file", "404 truncated garbage too_big slow cut"},
};

struct sim_faults {
    pthread_mutex_t mutex;
    struct sim_chance *chance;
    struct sim_fault rules[MAX_RULES];
    int count;
};

struct sim_faults *sim_faults_open(uint64_t seed)
{
    struct sim_faults *faults = calloc(1, sizeof *faults);

    if (!faults || pthread_mutex_init(&faults->mutex, NULL) != 0)
        abort();
    faults->chance = sim_chance_open(seed);
    return faults;
}

void sim_faults_close(struct sim_faults *faults)
{
    (void)pthread_mutex_destroy(&faults->mutex);
    sim_chance_close(faults->chance);
    free(faults);
}

static bool is_among(const char *name, const char *names)
{
    struct text rest = text_of(names);

    while (rest.len)
        if (text_equal(text_cut(&rest, ' '), text_of(name)))
            return *name != '\0';
    return false;
}

static bool is_known(const struct sim_fault *rule)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (strcmp(KNOWN[i].op, rule->op) == 0)
            return is_among(rule->fault, KNOWN[i].faults);
    return false;
}

static bool read_rule(yajl_val v, struct sim_fault *ret, struct err *reterr)
{
    struct faults wrong = {0};
    struct sim_fault rule = {
        .count = INT64_MAX, .probability = 1, .by = "prompt", .delay_ms = DEFAULT_DELAY_MS, .times = 2};
    static const struct json_field FIELDS[] = {
        JSON_FIELD(JSON_TEXT, struct sim_fault, op, .max = 15),
        JSON_FIELD(JSON_TEXT, struct sim_fault, fault, .max = 31),
        JSON_FIELD(JSON_TEXT, struct sim_fault, endpoint, .max = 95, .optional = true),
        JSON_FIELD(JSON_TEXT, struct sim_fault, prompt, .max = 95, .optional = true),
        JSON_FIELD(JSON_INT64, struct sim_fault, count, .min = 0, .max = 1000000000, .optional = true),
        JSON_FIELD(JSON_DOUBLE, struct sim_fault, probability, .min = 0, .max = 1000, .optional = true),
        JSON_FIELD(JSON_INT64, struct sim_fault, delay_ms, .min = 0, .max = MAX_DELAY_MS, .optional = true),
        JSON_FIELD(JSON_TEXT, struct sim_fault, by, .max = 7, .optional = true),
        JSON_FIELD(JSON_INT64, struct sim_fault, times, .min = 1, .max = 1000, .optional = true),
        {0},
    };

    if (!json_decode(v, FIELDS, &rule, &wrong))
        return err_set(reterr, ERR_INVALID, "fault_rule", "%s: %s %s", wrong.items[0].field, wrong.items[0].code,
                       wrong.items[0].what);
    if (!is_known(&rule))
        return err_set(reterr, ERR_INVALID, "fault_rule", "no fault %s of %s", rule.fault, rule.op);
    if (strcmp(rule.by, "seed") != 0 && strcmp(rule.by, "prompt") != 0)
        return err_set(reterr, ERR_INVALID, "fault_rule", "by is neither seed nor prompt");
    *ret = rule;
    return true;
}

static bool read_rules(yajl_val list, struct sim_fault *rules, int *retcount, struct err *reterr)
{
    if (!YAJL_IS_ARRAY(list) || YAJL_GET_ARRAY(list)->len > MAX_RULES)
        return err_set(reterr, ERR_INVALID, "fault_rules", "not a list of at most %d rules", MAX_RULES);
    for (*retcount = 0; (size_t)*retcount < YAJL_GET_ARRAY(list)->len; ++*retcount)
        if (!read_rule(YAJL_GET_ARRAY(list)->values[*retcount], &rules[*retcount], reterr))
            return false;
    return true;
}

bool sim_faults_set(struct sim_faults *faults, struct text json, struct err *reterr)
{
    struct sim_fault rules[MAX_RULES];
    yajl_val list;
    int count = 0;
    bool ok;

    if (!json_parse(json, &list, reterr))
        return false;
    ok = read_rules(list, rules, &count, reterr);
    yajl_tree_free(list);
    if (!ok)
        return false;
    (void)pthread_mutex_lock(&faults->mutex);
    memcpy(faults->rules, rules, (size_t)count * sizeof *rules);
    faults->count = count;
    sim_chance_reset(faults->chance);
    (void)pthread_mutex_unlock(&faults->mutex);
    return true;
}

int sim_faults_count(struct sim_faults *faults)
{
    int count = 0;

    (void)pthread_mutex_lock(&faults->mutex);
    for (int i = 0; i < faults->count; i++)
        count += faults->rules[i].count > 0;
    (void)pthread_mutex_unlock(&faults->mutex);
    return count;
}

static bool fits(const struct sim_fault *rule, const char *op, const char *among, struct text endpoint,
                 struct text input)
{
    return rule->count > 0 && strcmp(rule->op, op) == 0 && (!among || is_among(rule->fault, among)) &&
           text_starts(endpoint, text_of(rule->endpoint)) &&
           (!*rule->prompt || (input.len && memmem(input.at, input.len, rule->prompt, strlen(rule->prompt))));
}

static bool is_thrown(struct sim_faults *faults, int rule, struct text endpoint, struct text input)
{
    const struct sim_fault *fault = &faults->rules[rule];
    enum sim_by by = strcmp(fault->by, "seed") == 0 ? SIM_BY_SEED : SIM_BY_PROMPT;

    return fault->probability >= 1 ||
           sim_chance_throw(faults->chance, rule, sim_chance_key(endpoint, input, by)) < fault->probability;
}

bool sim_faults_strike(struct sim_faults *faults, const char *op, const char *among, struct text endpoint,
                       struct text input, struct sim_fault *ret)
{
    bool struck = false;

    (void)pthread_mutex_lock(&faults->mutex);
    for (int i = 0; i < faults->count && !struck; i++) {
        struct sim_fault *rule = &faults->rules[i];
        if (!fits(rule, op, among, endpoint, input) || !is_thrown(faults, i, endpoint, input))
            continue;
        rule->count -= rule->count != INT64_MAX;
        *ret = *rule;
        struck = true;
    }
    (void)pthread_mutex_unlock(&faults->mutex);
    return struck;
}
