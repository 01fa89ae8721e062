#include "ops/metrics_api.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "http/await_rows.h"
#include "http/cache.h"
#include "http/reply.h"
#include "http/stats.h"
#include "local.h"
#include "ops/metrics_process.h"
#include "ops/metrics_work.h"

struct metrics {
    struct metrics_names names;
    const PGresult *work; /* NULL: PostgreSQL does not answer */
};

static struct next got_work(struct call *call, const PGresult *rows);
static struct next got_counts(struct call *call, const PGresult *rows);

struct next metrics_show(struct call *call)
{
    struct metrics *metrics = call_state_make(call, sizeof *metrics);

    metrics_names_of(local_of(call)->catalog, &metrics->names);
    return await_rows_or_null(call, metrics_work(local_of(call)->job_kinds, &metrics->names), got_work);
}

static struct next got_work(struct call *call, const PGresult *rows)
{
    struct metrics *metrics = call->state;

    if (!rows)
        return got_counts(call, NULL);
    metrics->work = rows_keep(call, rows);
    return await_rows_or_null(call, metrics_counts(&metrics->names), got_counts);
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

static struct next got_counts(struct call *call, const PGresult *rows)
{
    const struct metrics *metrics = call->state;
    CLEANUP(buf_done) struct buf out = buf_make(4 << 20);

    stats_write(http_server_stats(call->thread->server), &out);
    (void)buf_add_format(&out,
                         "# HELP aisha_database_up Whether PostgreSQL answers.\n# TYPE aisha_database_up gauge\n"
                         "aisha_database_up %d\n",
                         rows != NULL);
    if (rows) {
        metrics_work_write(metrics->work, &out);
        metrics_counts_write(rows, &out);
    }
    metrics_process_write(local_of(call), &out);
    cache_write_counts(local_of(call)->cache, &out);
    write_process(&out);
    return reply_bytes(call, 200, "text/plain; version=0.0.4; charset=utf-8", (struct text){out.bytes, out.len});
}
