#include "ops/metrics_api.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "db/rows.h"
#include "http/await_rows.h"
#include "http/reply.h"
#include "http/stats.h"
#include "local.h"

static struct next counted(struct call *call, const PGresult *rows);

static const char COUNTS[] =
    "SELECT 'jobs', state, count(*), COALESCE(extract(epoch FROM now() - min(run_at)), 0) FROM jobs"
    " WHERE run_at <= now() GROUP BY state"
    " UNION ALL SELECT 'generations_open', status, count(*), COALESCE(extract(epoch FROM now() - min(created_at)), 0)"
    " FROM generations WHERE status NOT IN ('completed', 'failed', 'cancelled') GROUP BY status";

struct next metrics_show(struct call *call) { return await_rows_or_null(call, query_read(COUNTS), counted); }

static void write_counts(struct buf *out, const PGresult *rows)
{
    (void)buf_add_text(out, "# HELP aisha_waiting Rows of work by kind and state.\n# TYPE aisha_waiting gauge\n");
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        const char *what = row_text(&row), *state = row_text(&row), *count = row_text(&row);
        (void)buf_add_format(out, "aisha_waiting{what=\"%s\",state=\"%s\"} %s\n", what, state, count);
    }
    (void)buf_add_text(out, "# HELP aisha_oldest_seconds Age of the oldest of them.\n"
                            "# TYPE aisha_oldest_seconds gauge\n");
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        const char *what = row_text(&row), *state = row_text(&row);
        row_skip(&row);
        (void)buf_add_format(out, "aisha_oldest_seconds{what=\"%s\",state=\"%s\"} %.1f\n", what, state,
                             row_double(&row));
    }
}

static long resident_bytes(void)
{
    CLEANUP(buf_done) struct buf statm = buf_make(256);
    struct text rest, pages;
    struct err err;
    int64_t count = 0;

    if (!file_read("/proc/self", "statm", &statm, &err))
        return 0;
    rest = (struct text){statm.bytes, statm.len};
    (void)text_cut(&rest, ' ');
    pages = rest.at ? text_cut(&rest, ' ') : TEXT("");
    (void)text_int64(pages, 0, INT64_MAX, &count);
    return (long)count * sysconf(_SC_PAGESIZE);
}

static void write_process(struct buf *out)
{
    struct rusage usage;
    double cpu_s;

    getrusage(RUSAGE_SELF, &usage);
    cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
            (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    (void)buf_add_format(out,
                         "# HELP process_cpu_seconds_total CPU time used.\n# TYPE process_cpu_seconds_total counter\n"
                         "process_cpu_seconds_total %.3f\n"
                         "# HELP process_resident_memory_bytes Resident memory.\n"
                         "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes %ld\n"
                         "# HELP aisha_build_info The version that runs.\n# TYPE aisha_build_info gauge\n"
                         "aisha_build_info{version=\"%s\"} 1\n",
                         cpu_s, resident_bytes(), AISHA_VERSION);
}

static struct next counted(struct call *call, const PGresult *rows)
{
    CLEANUP(buf_done) struct buf out = buf_make(4 << 20);

    stats_write(http_server_stats(call->thread->server), &out);
    (void)buf_add_format(&out,
                         "# HELP aisha_database_up Whether PostgreSQL answers.\n# TYPE aisha_database_up gauge\n"
                         "aisha_database_up %d\n",
                         rows != NULL);
    if (rows)
        write_counts(&out, rows);
    write_process(&out);
    return reply_bytes(call, 200, "text/plain; version=0.0.4; charset=utf-8", (struct text){out.bytes, out.len});
}
