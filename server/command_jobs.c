/* aisha jobs: the dead letters of the job queue, for an operator. */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "db/pg.h"
#include "jobs/dead_job.h"
#include "options.h"
#include "json/json_out.h"

enum { LIMIT = 100, MAX_LIMIT = 1000 };

static int usage(void)
{
    (void)fprintf(stderr, "usage: aisha jobs dead [--limit N]\n"
                          "       aisha jobs retry ID|all\n"
                          "       aisha jobs discard ID\n");
    return 2;
}

static void write_job(struct json_out *out, const struct dead_job *job)
{
    json_object(out);
    json_key_int64(out, "id", job->id);
    json_key_text(out, "kind", job->kind);
    json_key_text(out, "ref", job->ref.text);
    json_key_int64(out, "attempts", job->attempts);
    json_key_int64(out, "crashes", job->crashes);
    json_key_text(out, "last_error", job->last_error);
    json_key_text(out, "since", job->since);
    json_end_object(out);
}

static int print_all(const PGresult *rows)
{
    for (int i = 0; i < rows_count(rows); i++) {
        CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
        struct json_out out = json_out_begin(&line);
        struct dead_job job = dead_job_from_row(rows_at(rows, i));

        write_job(&out, &job);
        if (command_print("jobs dead", &line) != 0)
            return 1;
    }
    return 0;
}

static int list(struct pg *pg, int64_t limit)
{
    struct query q = dead_jobs(limit);
    struct err err;
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, &err);

    return rows ? print_all(rows) : command_fail("jobs dead", &err);
}

/* What was done with how many; none is a fault, and said in words. */
static int change(struct pg *pg, const char *what, const char *done, struct query q)
{
    CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
    struct json_out out = json_out_begin(&line);
    struct err err;
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, &err);

    if (rows && rows_affected(rows) == 0)
        (void)err_set(&err, ERR_NOT_FOUND, "not_found", "there is no such dead job");
    if (!rows || rows_affected(rows) == 0)
        return command_fail(what, &err);
    json_object(&out);
    json_key_int64(&out, done, rows_affected(rows));
    json_end_object(&out);
    return command_print(what, &line);
}

/* What is asked for: `dead`, or one of the others with the job's id, 0 for all. */
static bool read_id(int argc, char **argv, bool may_be_all, int64_t *ret)
{
    *ret = 0;
    return argc == 2 &&
           ((may_be_all && strcmp(argv[1], "all") == 0) || text_int64(text_of(argv[1]), 1, INT64_MAX, ret));
}

static bool read_limit(int argc, char **argv, int64_t *ret)
{
    struct options options = {0};

    *ret = LIMIT;
    return options_read(argc, argv, &options) &&
           (!options.limit || text_int64(text_of(options.limit), 1, MAX_LIMIT, ret));
}

int command_jobs(const struct config *config, int argc, char **argv)
{
    const char *verb = argc > 0 ? argv[0] : "";
    bool dead = strcmp(verb, "dead") == 0, retry = strcmp(verb, "retry") == 0, discard = strcmp(verb, "discard") == 0;
    int64_t number; /* how many, or which one */
    struct pg *pg;
    int code;

    if (!(dead && read_limit(argc, argv, &number)) && !((retry || discard) && read_id(argc, argv, retry, &number)))
        return usage();
    pg = pg_open(config->database_url);
    if (dead)
        code = list(pg, number);
    else if (retry)
        code = change(pg, "jobs retry", "retried", dead_job_retry(number));
    else
        code = change(pg, "jobs discard", "discarded", dead_job_discard(number));
    pg_close(pg);
    return code;
}
