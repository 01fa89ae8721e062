#define _GNU_SOURCE /* strptime, timegm */
#include "falsim/sim_listing.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "falsim/sim_broken.h"
#include "falsim/sim_table.h"

enum { DEFAULT_LIMIT = 50, MAX_LIMIT = 100, MAX_ANSWER = 256 << 20 };

struct listing {
    char endpoint_id[SIM_ENDPOINT_ROOM];
    int64_t from_us, to_us, hidden_after_us; /* finished later: not yet to be seen */
    int64_t limit;
    char cursor[64]; /* the id that the page before ended with */
    bool payloads;
};

static bool read_time(const struct call *call, const char *name, int64_t otherwise, int64_t *ret)
{
    char text[40];
    struct tm tm = {0};

    *ret = otherwise;
    if (!sim_query(call, name, text, sizeof text))
        return false;
    if (!*text)
        return true;
    if (!strptime(text, strchr(text, 'T') ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d", &tm))
        return false;
    *ret = (int64_t)timegm(&tm) * 1000000;
    return true;
}

static bool read_query(const struct call *call, struct listing *ret)
{
    char limit[8], expand[64];

    *ret = (struct listing){.limit = DEFAULT_LIMIT, .hidden_after_us = INT64_MAX};
    if (!sim_query(call, "endpoint_id", ret->endpoint_id, sizeof ret->endpoint_id) || !*ret->endpoint_id ||
        !sim_query(call, "limit", limit, sizeof limit) || !sim_query(call, "expand", expand, sizeof expand) ||
        !sim_query(call, "cursor", ret->cursor, sizeof ret->cursor))
        return false;
    ret->payloads = strstr(expand, "payloads") != NULL;
    return (!*limit || text_int64(text_of(limit), 1, MAX_LIMIT, &ret->limit)) &&
           read_time(call, "start", 0, &ret->from_us) && read_time(call, "end", INT64_MAX, &ret->to_us);
}

static bool is_listed(const struct listing *listing, const struct sim_request *r)
{
    return r->stage == STAGE_DONE && r->finished_us <= listing->hidden_after_us && r->sent_us >= listing->from_us &&
           r->sent_us < listing->to_us && strcmp(r->endpoint_id, listing->endpoint_id) == 0;
}

static void write_time(struct json_out *out, const char *key, int64_t us)
{
    char text[CLOCK_RFC3339_ROOM];

    clock_rfc3339(us, text);
    json_key_text(out, key, us ? text : NULL);
}

static void write_item(struct json_out *out, const struct sim_request *r, bool payloads)
{
    json_object(out);
    json_key_text(out, "request_id", r->id.text);
    json_key_text(out, "endpoint_id", r->endpoint_id);
    write_time(out, "sent_at", r->sent_us);
    write_time(out, "started_at", r->started_us);
    write_time(out, "ended_at", r->finished_us);
    json_key_int64(out, "status_code", r->status_code);
    json_key_double(out, "duration", r->started_us ? (double)(r->finished_us - r->started_us) / 1e6 : 0);
    if (payloads) {
        json_key_raw(out, "json_input", text_of(r->input));
        json_key_raw(out, "json_output", text_of(r->output));
    }
    json_end_object(out);
}

/* The page's items; *retlast is the last one when more follow. Called with the lock held. */
static void write_items(struct sim_table *table, const struct listing *listing, struct json_out *out,
                        struct sim_request **retlast)
{
    struct sim_request *r = sim_table_newest(table), *last = NULL;
    int64_t count = 0;

    if (*listing->cursor && (r = sim_table_find(table, text_of(listing->cursor))))
        r = sim_table_older(table, r);
    *retlast = NULL;
    for (; r; r = sim_table_older(table, r)) {
        if (!is_listed(listing, r))
            continue;
        if (count++ == listing->limit) {
            *retlast = last;
            return;
        }
        write_item(out, r, listing->payloads);
        last = r;
    }
}

struct next sim_listing(struct call *call)
{
    CLEANUP(buf_done) struct buf body = buf_make(MAX_ANSWER);
    struct json_out out = json_out_begin(&body);
    struct sim *sim = sim_of(call);
    struct sim_request *last;
    struct listing listing;
    struct sim_fault fault;
    struct next ret;

    if (!sim_authorized(call, &ret))
        return ret;
    if (!read_query(call, &listing))
        return sim_reply(call, 400,
                         TEXT("{\"error\":{\"type\":\"validation_error\",\"message\":\"Invalid query parameters\"}}"));
    if (sim_broken_strike(call, "listing", text_of(listing.endpoint_id), TEXT(""), &ret))
        return ret;
    if (sim_faults_strike(sim->faults, "listing", "delayed", text_of(listing.endpoint_id), TEXT(""), &fault))
        listing.hidden_after_us = clock_wall_us() - fault.delay_ms * 1000;
    sim_table_lock(sim->table);
    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    write_items(sim->table, &listing, &out, &last);
    json_end_array(&out);
    json_key_text(&out, "next_cursor", last ? last->id.text : NULL);
    json_key_bool(&out, "has_more", last != NULL);
    json_end_object(&out);
    sim_table_unlock(sim->table);
    return sim_reply_out(call, 200, &out);
}
