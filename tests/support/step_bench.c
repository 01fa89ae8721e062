#include "support/step_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "events/event_bell.h"
#include "support/altered_catalog.h"
#include "support/sql.h"

struct bench bench;

static struct {
    struct uuid user, avatar;
} opened;

int bench_open(void **state)
{
    if (sql_open(state) != 0)
        return -1;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    opened.user = sql_user("steps");
    opened.avatar = sql_avatar(opened.user);
    return 0;
}

void bench_admit(void) { sql_do("UPDATE breakers SET open_until = NULL; SELECT generations_admit(5, 5)"); }

void bench_claim(void)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;

    sql_do("UPDATE jobs SET state = 'ready', run_at = now()");
    rows = sql_rows(job_claim(1, "{generation}"));
    assert_int_equal(rows_count(rows), 1);
    bench.job = job_from_row(rows_at(rows, 0));
}

void bench_add_wish(void)
{
    char sql[900];

    bench.generation = uuid_make();
    (void)snprintf(bench.request_id, sizeof bench.request_id, "r-%.36s", bench.generation.text);
    (void)snprintf(sql, sizeof sql,
                   "DELETE FROM jobs; DELETE FROM slots; DELETE FROM generation_queue;"
                   "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset,"
                   " endpoint, num_images, parameters, input, wanted_seed, cost, expected_seconds)"
                   " VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'fal-ai/flux-lora', 1, '{}', '{\"prompt\":\"p\"}',"
                   " 18446744073709551615, 1, 10); INSERT INTO jobs (kind, ref) VALUES ('generation', '%s');"
                   "INSERT INTO slots (generation_id, user_id) VALUES ('%s', '%s')",
                   bench.generation.text, opened.user.text, opened.avatar.text, bench.generation.text,
                   bench.generation.text, opened.user.text);
    sql_do(sql);
    bench_claim();
}

int bench_set_up(void **state)
{
    struct fal_config fal = {.key = "id:secret", .media_hosts = "fal.media", .loopback = true};

    (void)state;
    bench = (struct bench){.tiny = tiny_open(), .config.resend_max_credits = 50};
    (void)snprintf(bench.folder, sizeof bench.folder, "/tmp/aisha-sent-%d", (int)getpid());
    fal.queue_url = fal.rest_url = fal.platform_url = tiny_url(bench.tiny);
    bench.catalog = catalog_open(altered_catalog_root(), &bench.err);
    bench.tools = (struct job_tools){.config = &bench.config,
                                     .catalog = bench.catalog,
                                     .pg = sql_pg(),
                                     .fal = fal_open(&fal, &bench.err),
                                     .hook_mac = mac_open("hook", 4),
                                     .event_bell = event_bell_open()};
    bench.user = opened.user;
    bench_add_wish();
    return bench.tools.fal && bench.catalog ? 0 : -1;
}

int bench_tear_down(void **state)
{
    (void)state;
    fal_close(bench.tools.fal);
    catalog_close(bench.catalog);
    mac_close(bench.tools.hook_mac);
    event_bell_close(bench.tools.event_bell);
    tiny_close(bench.tiny);
    return 0;
}

struct tiny_answer bench_prepared(int slot, const char *status, const char *more, const char *body)
{
    (void)snprintf(bench.answers[slot], ANSWER_ROOM,
                   "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s", status, more,
                   strlen(body), body);
    return (struct tiny_answer){bench.answers[slot], TINY_CLOSE};
}

void bench_will_answer(const char *status, const char *more, const char *body)
{
    struct tiny_answer answer = bench_prepared(0, status, more, body);

    tiny_will_answer(bench.tiny, &answer, 1);
}

void bench_will_answer_two(const char *first, const char *second)
{
    struct tiny_answer answers[2];

    answers[0] = bench_prepared(0, "200 OK", "", first);
    answers[1] = bench_prepared(1, "200 OK", "", second);
    tiny_will_answer(bench.tiny, answers, 2);
}

void bench_will_answer_result(const char *status, const char *body)
{
    struct tiny_answer answers[2];

    answers[0] = bench_prepared(0, "200 OK", "", STATUS("COMPLETED"));
    answers[1] = bench_prepared(1, status, "", body);
    tiny_will_answer(bench.tiny, answers, 2);
}

bool bench_step(void)
{
    bench.next = (struct job_next){0};
    bench.err = (struct err){0};
    return generation_step(&bench.tools, &bench.job, &bench.next, &bench.err);
}

void bench_assert_now(const char *expected)
{
    assert_string_equal(
        sql_value("SELECT g.status || '/' || coalesce(string_agg(s.state, ',' ORDER BY attempt), 'none') FROM"
                  " generations g LEFT JOIN submissions s ON s.generation_id = g.id WHERE g.id = '%s' GROUP BY g.id",
                  bench.generation.text),
        expected);
}

const char *bench_accepted_body(void)
{
    static char body[200];

    (void)snprintf(body, sizeof body, "{\"status\":\"IN_QUEUE\",\"request_id\":\"%s\"}", bench.request_id);
    return body;
}

void bench_submit(void)
{
    bench_will_answer("200 OK", "", bench_accepted_body());
    assert_true(bench_step());
    bench_assert_now("queued/accepted");
}
