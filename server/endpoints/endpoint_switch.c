#include "endpoints/endpoint_switch.h"

#include <stdio.h>
#include <string.h>

#define CHANGE(kind, member, ...)                                                                                      \
    JSON_FIELD(kind, struct endpoint_change, member, .optional = true,                                                 \
               .present = offsetof(struct endpoint_change, has_##member), __VA_ARGS__)

const struct json_field endpoint_change_fields[] = {
    CHANGE(JSON_TEXT, state, .min = 1, .max = 20),
    CHANGE(JSON_TEXT, replacement, .min = 1, .max = 40, .nullable = true,
           .was_null = offsetof(struct endpoint_change, no_replacement)),
    CHANGE(JSON_TEXT, note, .min = 1, .max = ENDPOINT_NOTE_MAX, .nullable = true,
           .was_null = offsetof(struct endpoint_change, no_note)),
    {0},
};

static void read_state(const struct endpoint_change *change, struct endpoint_status *ret, struct faults *faults)
{
    if (change->has_state && !endpoint_state_read(change->state, &ret->state))
        (void)faults_add_what(faults, "state", "not_one_of", TEXT("active, deprecated, gone"));
}

/* Would following the replacements from there come back to it? */
static bool leads_back(const struct endpoint_statuses *statuses, const struct endpoint_status *from,
                       const struct endpoint *to)
{
    for (int steps = 0; from && steps <= statuses->count; steps++) {
        if (from->endpoint == to)
            return true;
        from = from->replacement ? endpoint_statuses_find(statuses, from->replacement->id) : NULL;
    }
    return false;
}

static const char *fault_of_replacement(const struct endpoint_statuses *statuses, const struct endpoint_status *status,
                                        const struct endpoint_status *other)
{
    if (!other)
        return "no_such_endpoint";
    if (other->endpoint->kind != status->endpoint->kind)
        return "endpoint_other_kind";
    if (leads_back(statuses, other, status->endpoint))
        return "endpoint_circle";
    return other->state == ENDPOINT_GONE ? "endpoint_itself_gone" : NULL;
}

static void read_replacement(const struct endpoint_statuses *statuses, const struct endpoint_change *change,
                             struct endpoint_status *ret, struct faults *faults)
{
    const struct endpoint_status *other = NULL;
    const char *why;

    if (change->has_replacement) {
        other = endpoint_statuses_find(statuses, change->replacement);
        if ((why = fault_of_replacement(statuses, ret, other))) {
            (void)faults_add(faults, "replacement", why);
            return;
        }
    }
    if (other || change->no_replacement)
        ret->replacement = other ? other->endpoint : NULL;
}

static void read_note(const struct endpoint_change *change, struct endpoint_status *ret, struct faults *faults)
{
    if (change->has_note || change->no_note)
        ret->note = change->has_note ? change->note : NULL;
    if (change->has_note && text_is_blank(text_of(change->note)))
        (void)faults_add(faults, "note", "blank");
}

struct endpoint_status endpoint_change_apply(const struct endpoint_statuses *statuses,
                                             const struct endpoint_status *status, const struct endpoint_change *change,
                                             struct faults *faults)
{
    struct endpoint_status wanted = *status;

    if (!change->has_state && !change->has_replacement && !change->no_replacement && !change->has_note &&
        !change->no_note && !faults->count)
        (void)faults_add(faults, "", "nothing_to_change");
    if (!faults_have(faults, "state"))
        read_state(change, &wanted, faults);
    if (!faults_have(faults, "replacement"))
        read_replacement(statuses, change, &wanted, faults);
    if (!faults_have(faults, "note"))
        read_note(change, &wanted, faults);
    return wanted;
}

struct query endpoint_switch(const struct endpoint_status *wanted, struct uuid by)
{
    struct query q = query_write(
        "INSERT INTO endpoint_states (endpoint, state, replacement, note, changed_by) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (endpoint) DO UPDATE SET state = excluded.state, replacement = excluded.replacement,"
        " note = excluded.note, changed_at = now(), changed_by = excluded.changed_by RETURNING changed_at");

    query_alone(&q);
    query_add_text(&q, wanted->endpoint->id);
    query_add_text(&q, endpoint_state_word(wanted->state));
    query_add_text(&q, wanted->replacement ? wanted->replacement->id : NULL);
    query_add_text(&q, wanted->note);
    query_add_uuid(&q, by);
    return q;
}
