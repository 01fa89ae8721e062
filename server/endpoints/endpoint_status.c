#include "endpoints/endpoint_status.h"

#include <stdio.h>
#include <string.h>

const char *endpoint_ids_write(const struct catalog *catalog, char to[ENDPOINT_IDS_ROOM])
{
    const struct endpoint *endpoint;
    size_t used = (size_t)snprintf(to, ENDPOINT_IDS_ROOM, "{\"\"");

    for (int i = 0; (endpoint = catalog_endpoint_at(catalog, i)); i++)
        used += (size_t)snprintf(to + used, ENDPOINT_IDS_ROOM - used, ",\"%s\"", endpoint->id);
    (void)snprintf(to + used, ENDPOINT_IDS_ROOM - used, "}");
    return to;
}

/* What is open stands in small partial indexes, whatever was before. */
#define WAITING                                                                                                        \
    "waiting AS (SELECT endpoint, sum(n) AS count FROM (SELECT endpoint, waiting AS n FROM flows WHERE waiting > 0"    \
    " UNION ALL SELECT endpoint, 1 FROM trainings WHERE status = 'pending'"                                            \
    " AND status NOT IN ('completed', 'failed', 'cancelled')) w GROUP BY endpoint)"
#define SENT                                                                                                           \
    "sent AS (SELECT endpoint, count(*) AS count FROM (SELECT endpoint FROM submissions WHERE state IN ('sending',"    \
    " 'unknown', 'accepted', 'review') UNION ALL SELECT endpoint FROM trainings WHERE status NOT IN ('completed',"     \
    " 'failed', 'cancelled') AND status IN ('submitting', 'queued', 'running')) s GROUP BY endpoint)"

struct query endpoint_statuses(const char *ids)
{
    struct query q = query_read(
        "WITH " WAITING ", " SENT " SELECT ids.endpoint, s.state, s.replacement, s.note, s.changed_at, s.changed_by,"
        " b.open_until IS NOT NULL, b.open_until, COALESCE(b.trips, 0), b.reason, COALESCE(w.count, 0),"
        " COALESCE(p.count, 0), COALESCE(v.count, 0), v.at FROM unnest($1::text[]) AS ids (endpoint)"
        " LEFT JOIN endpoint_states s USING (endpoint) LEFT JOIN breakers b USING (endpoint)"
        " LEFT JOIN waiting w USING (endpoint) LEFT JOIN sent p USING (endpoint)"
        " LEFT JOIN endpoints_vanished v USING (endpoint)");

    query_add_text(&q, ids);
    return q;
}

static struct endpoint_breaker read_breaker(struct row *row)
{
    struct endpoint_breaker breaker = {.open = row_bool(row)};

    row_time(row, breaker.until);
    breaker.trips = row_int64(row);
    breaker.reason = row_text_or_null(row);
    return breaker;
}

static void read_switch(const struct catalog *catalog, struct row *row, struct endpoint_status *ret)
{
    const char *state = row_text(row), *replacement = row_text(row);

    ret->note = row_text_or_null(row);
    row_time(row, ret->changed_at);
    ret->changed_by = row_uuid(row);
    ret->state = ret->endpoint->shipped.state;
    ret->replacement = catalog_endpoint(catalog, ret->endpoint->shipped.replacement);
    if (endpoint_state_read(state, &ret->state))
        ret->replacement = catalog_endpoint(catalog, replacement);
}

static void read_status(const struct catalog *catalog, struct row *row, struct endpoint_status *ret)
{
    read_switch(catalog, row, ret);
    ret->breaker = read_breaker(row);
    ret->waiting = row_int64(row);
    ret->at_provider = row_int64(row);
    ret->vanished = row_int64(row);
    row_time(row, ret->vanished_at);
}

/* The rows come in any order. */
static bool find_row(const PGresult *rows, const char *id, struct row *ret)
{
    for (int i = 0; i < rows_count(rows); i++) {
        *ret = rows_at(rows, i);
        if (strcmp(row_text(ret), id) == 0)
            return true;
    }
    return false;
}

void endpoint_statuses_read(const struct catalog *catalog, const PGresult *rows, struct endpoint_statuses *ret)
{
    const struct endpoint *endpoint;
    struct row row;

    *ret = (struct endpoint_statuses){0};
    for (int i = 0; (endpoint = catalog_endpoint_at(catalog, i)); i++) {
        struct endpoint_status *status = &ret->at[ret->count++];
        status->endpoint = endpoint;
        if (find_row(rows, endpoint->id, &row))
            read_status(catalog, &row, status);
    }
    if (find_row(rows, "", &row)) {
        for (int i = 0; i < 5; i++)
            row_skip(&row);
        ret->account = read_breaker(&row);
    }
}

const struct endpoint_status *endpoint_statuses_find(const struct endpoint_statuses *statuses, const char *id)
{
    for (int i = 0; i < statuses->count; i++)
        if (strcmp(statuses->at[i].endpoint->id, id) == 0)
            return &statuses->at[i];
    return NULL;
}

static const char *or_null(const char *text) { return *text ? text : NULL; }

static void write_breaker(struct json_out *out, const char *key, const struct endpoint_breaker *breaker)
{
    json_key(out, key);
    json_object(out);
    json_key_text(out, "state", breaker->open ? "open" : "closed");
    json_key_text(out, "next_trial_at", breaker->open ? or_null(breaker->until) : NULL);
    json_key_int64(out, "trips", breaker->open ? breaker->trips : 0);
    json_key_text(out, "reason", breaker->open ? breaker->reason : NULL);
    json_end_object(out);
}

static void write_shipped(struct json_out *out, const struct endpoint *endpoint)
{
    json_key(out, "shipped");
    json_object(out);
    json_key_text(out, "state", endpoint_state_word(endpoint->shipped.state));
    json_key_text(out, "replacement", or_null(endpoint->shipped.replacement));
    json_end_object(out);
}

static void write_routes(struct json_out *out, const struct catalog *catalog, const struct endpoint *endpoint)
{
    json_key(out, "routes");
    json_array(out);
    for (int route = 0; route < CATALOG_ROUTES; route++)
        if (catalog_routed(catalog, (enum catalog_route)route) == endpoint)
            json_text(out, text_of(catalog_route_word((enum catalog_route)route)));
    json_end_array(out);
}

void endpoint_status_write(struct json_out *out, const struct catalog *catalog, const struct endpoint_status *status)
{
    json_object(out);
    json_key_text(out, "id", status->endpoint->id);
    json_key_text(out, "kind", endpoint_kind_word(status->endpoint->kind));
    json_key_text(out, "state", endpoint_state_word(status->state));
    json_key_text(out, "replacement", status->replacement ? status->replacement->id : NULL);
    json_key_text(out, "note", status->note);
    json_key_text(out, "changed_at", or_null(status->changed_at));
    json_key_text(out, "changed_by", or_null(status->changed_by.text));
    write_shipped(out, status->endpoint);
    write_routes(out, catalog, status->endpoint);
    json_key_int64(out, "price", status->endpoint->price);
    write_breaker(out, "breaker", &status->breaker);
    json_key_int64(out, "waiting", status->waiting);
    json_key_int64(out, "at_provider", status->at_provider);
    json_key_int64(out, "vanished_count", status->vanished);
    json_key_text(out, "vanished_at", or_null(status->vanished_at));
    json_end_object(out);
}

void endpoint_statuses_write(struct json_out *out, const struct catalog *catalog,
                             const struct endpoint_statuses *statuses)
{
    json_object(out);
    json_key(out, "endpoints");
    json_array(out);
    for (int i = 0; i < statuses->count; i++)
        endpoint_status_write(out, catalog, &statuses->at[i]);
    json_end_array(out);
    write_breaker(out, "account_breaker", &statuses->account);
    json_end_object(out);
}
