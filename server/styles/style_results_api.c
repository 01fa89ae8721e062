#include "styles/style_results_api.h"

#include <stdio.h>
#include <string.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "styles/style_results.h"
#include "styles/styles.h"

struct results_query {
    int64_t days;
    char template_id[STYLE_ID_ROOM];
    char ids[STYLE_ID_ROOM + 2];
};

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_INT64, struct results_query, days, .min = 1, .max = STYLE_RESULTS_DAYS_MAX),
    QUERY_FIELD(QUERY_TEXT, struct results_query, template_id, .max = STYLE_ID_ROOM - 1),
    {0}};

static struct next got_results(struct call *call, const PGresult *rows);

struct next style_results_api_show(struct call *call)
{
    struct results_query *query = call_state_make(call, sizeof *query);
    const struct styles *styles = local_of(call)->styles;
    struct next refused;

    query->days = 30;
    if (!body_query(call, FIELDS, query, &refused))
        return refused;
    if (*query->template_id && !styles_find(styles, query->template_id))
        return reply_not_found(call);
    (void)snprintf(query->ids, sizeof query->ids, "{%s}", query->template_id);
    return await_rows(call, style_results_of(*query->template_id ? query->ids : styles_ids(styles), query->days),
                      got_results);
}

static void write_rate(struct json_out *out, const char *key, int64_t hits, int64_t of)
{
    struct style_rate rate = style_rate_of(hits, of);

    json_key(out, key);
    json_object(out);
    json_key_int64(out, "of", of);
    if (of)
        json_key_double(out, "rate", rate.rate);
    else
        json_key_null(out, "rate");
    json_key_double(out, "low", rate.low);
    json_key_double(out, "high", rate.high);
    json_end_object(out);
}

static void write_counts(struct json_out *out, const struct style_result *r)
{
    json_key_int64(out, "started", r->started);
    json_key_int64(out, "completed", r->completed);
    json_key_int64(out, "failed", r->failed);
    json_key_int64(out, "blocked", r->blocked);
    json_key_int64(out, "cancelled", r->cancelled);
    json_key_int64(out, "users", r->users);
    json_key_int64(out, "images", r->images);
    json_key_int64(out, "favorited", r->favorited);
    json_key_int64(out, "deleted", r->deleted);
}

/* Success is of those that have ended and were not cancelled. */
static void write_rates(struct json_out *out, const struct style_result *r)
{
    int64_t ended = r->completed + r->failed + r->blocked;

    json_key(out, "rates");
    json_object(out);
    write_rate(out, "completed", r->completed, ended);
    write_rate(out, "failed", r->failed, ended);
    write_rate(out, "blocked", r->blocked, ended);
    write_rate(out, "favorited", r->favorited, r->images);
    write_rate(out, "deleted", r->deleted, r->images);
    json_end_object(out);
}

/* 0: it is none of a comparison (any more). */
static int64_t weight_of(const struct style *style, const char *variant)
{
    const struct style_variant *found = style && variant ? style_variant_named(style, variant) : NULL;

    return found ? found->weight : 0;
}

static void write_result(struct json_out *out, const struct styles *styles, const struct style_result *r)
{
    const struct style *style = styles_find(styles, r->template_id);

    json_object(out);
    json_key_text(out, "template_id", r->template_id);
    if (style)
        words_write(out, "title", &style->title);
    else
        json_key_null(out, "title");
    json_key_text(out, "variant", r->variant);
    json_key_int64(out, "weight", weight_of(style, r->variant));
    write_counts(out, r);
    write_rates(out, r);
    json_end_object(out);
}

static struct next got_results(struct call *call, const PGresult *rows)
{
    const struct results_query *query = call->state;
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    json_key_int64(&out, "days", query->days);
    json_key_double(&out, "confidence", 0.95);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < rows_count(rows); i++) {
        struct style_result result = style_result_from_row(rows_at(rows, i));
        write_result(&out, local_of(call)->styles, &result);
    }
    json_end_array(&out);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}
