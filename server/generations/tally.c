#include "generations/tally.h"

#include <string.h>

#include "base/text.h"

#define SUMS                                                                                                           \
    "sum(completed) AS completed, sum(failed) AS failed, sum(cancelled) AS cancelled, sum(credits) AS credits,"        \
    " sum(timed) AS timed, sum(seconds) AS seconds"
#define ENDED "sum(completed + failed + cancelled)"
#define MONTH "to_char(month, 'YYYY-MM')"
#define ROW "completed, failed, cancelled, credits, timed, seconds"

/* Rows (group, its name, six figures), in the order in which they are told. */
struct query tally_of(struct uuid user, const char *time_zone)
{
    struct query q = query_read(
        "WITH c AS MATERIALIZED (SELECT * FROM user_counts WHERE user_id = $1),"
        " months AS (SELECT " MONTH " AS name, " SUMS " FROM c GROUP BY month ORDER BY month DESC LIMIT $3),"
        " presets AS (SELECT preset AS name, " SUMS " FROM c GROUP BY preset ORDER BY " ENDED " DESC, preset LIMIT 50),"
        " templates AS (SELECT template_id AS name, " SUMS " FROM c WHERE template_id <> '' GROUP BY template_id"
        " ORDER BY " ENDED " DESC, template_id LIMIT $4)"
        " SELECT 'all', COALESCE((SELECT created_at FROM generations WHERE user_id = $1 ORDER BY id LIMIT 1)::text, "
        "''),"
        " " SUMS " FROM c UNION ALL SELECT 'now', to_char(now() AT TIME ZONE $2, 'YYYY-MM'),"
        " (SELECT unfinished FROM accounts WHERE user_id = $1), 0, 0, 0, 0, 0"
        " UNION ALL SELECT 'pictures', '', shown, favorites, quarantined, trashed, 0, 0 FROM user_pictures"
        " WHERE user_id = $1"
        " UNION ALL SELECT 'month', name, " ROW " FROM months UNION ALL SELECT 'preset', name, " ROW " FROM presets"
        " UNION ALL SELECT 'template', name, " ROW " FROM templates");

    query_add_uuid(&q, user);
    query_add_text(&q, time_zone);
    query_add_int64(&q, TALLY_MONTHS);
    query_add_int64(&q, TALLY_TEMPLATES);
    return q;
}

static struct tally tally_from(struct row *row)
{
    struct tally tally;

    tally.completed = row_int64(row);
    tally.failed = row_int64(row);
    tally.cancelled = row_int64(row);
    tally.credits = row_int64(row);
    tally.timed = row_int64(row);
    tally.seconds = row_double(row);
    return tally;
}

static void take(struct tally_summary *summary, struct row row)
{
    const char *group = row_text(&row);
    struct row named = row;

    row_skip(&row);
    if (strcmp(group, "all") == 0) {
        row_time(&named, summary->first_at);
        summary->all = tally_from(&row);
    } else if (strcmp(group, "now") == 0) {
        (void)text_copy(summary->month, sizeof summary->month, text_of(row_text(&named)));
        summary->active = row_int64(&row);
    } else if (strcmp(group, "pictures") == 0) {
        summary->pictures.shown = row_int64(&row);
        summary->pictures.favorites = row_int64(&row);
        summary->pictures.quarantined = row_int64(&row);
        summary->pictures.trashed = row_int64(&row);
    }
}

static struct tally tally_of_month(const PGresult *rows, const char *month)
{
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        if (strcmp(row_text(&row), "month") == 0 && strcmp(row_text(&row), month) == 0)
            return tally_from(&row);
    }
    return (struct tally){0};
}

struct tally_summary tally_summary_of(const PGresult *rows)
{
    struct tally_summary summary = {0};

    for (int i = 0; i < rows_count(rows); i++)
        take(&summary, rows_at(rows, i));
    summary.this_month = tally_of_month(rows, summary.month);
    return summary;
}

double tally_average(const struct tally *tally) { return tally->timed ? tally->seconds / (double)tally->timed : -1; }

static void write_figures(struct json_out *out, const struct tally *tally)
{
    double average = tally_average(tally);

    json_key_int64(out, "completed", tally->completed);
    json_key_int64(out, "failed", tally->failed);
    json_key_int64(out, "cancelled", tally->cancelled);
    json_key_int64(out, "credits_spent", tally->credits);
    if (average < 0)
        json_key_null(out, "average_seconds");
    else
        json_key_double(out, "average_seconds", average);
}

/* An array of the rows of one group. */
static void write_group(struct json_out *out, const PGresult *rows, const char *group, const char *list,
                        const char *name)
{
    json_key(out, list);
    json_array(out);
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        struct tally tally;

        if (strcmp(row_text(&row), group) != 0)
            continue;
        json_object(out);
        json_key_text(out, name, row_text(&row));
        tally = tally_from(&row);
        write_figures(out, &tally);
        json_end_object(out);
    }
    json_end_array(out);
}

static void write_generations(struct json_out *out, const PGresult *rows, const struct tally_summary *summary)
{
    const struct tally *all = &summary->all;

    json_key(out, "generations");
    json_object(out);
    json_key_int64(out, "total", all->completed + all->failed + all->cancelled + summary->active);
    json_key_int64(out, "active", summary->active);
    write_figures(out, all);
    json_key_text(out, "first_at", *summary->first_at ? summary->first_at : NULL);
    write_group(out, rows, "preset", "by_preset", "preset");
    write_group(out, rows, "template", "by_template", "template_id");
    json_end_object(out);
}

static void write_pictures(struct json_out *out, const struct tally_pictures *pictures)
{
    json_key(out, "images");
    json_object(out);
    json_key_int64(out, "total", pictures->shown);
    json_key_int64(out, "favorites", pictures->favorites);
    json_key_int64(out, "quarantined", pictures->quarantined);
    json_key_int64(out, "trashed", pictures->trashed);
    json_end_object(out);
}

void tally_write(struct json_out *out, const PGresult *rows)
{
    struct tally_summary summary = tally_summary_of(rows);

    json_object(out);
    write_generations(out, rows, &summary);
    write_pictures(out, &summary.pictures);
    json_key(out, "this_month");
    json_object(out);
    json_key_text(out, "month", summary.month);
    write_figures(out, &summary.this_month);
    json_end_object(out);
    write_group(out, rows, "month", "months", "month");
    json_end_object(out);
}
