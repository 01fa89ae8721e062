/* What becomes of a generation whose endpoint is gone: switched off by an operator, or unknown to the provider. */
#include "generations/generation_job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/sql.h"
#include "support/step_bench.h"

#define LORA "fal-ai/flux-lora"

static int set_up(void **state)
{
    sql_do("DELETE FROM endpoints_vanished; DELETE FROM endpoint_states");
    return bench_set_up(state);
}

static const char *error_code(void)
{
    return sql_value("SELECT error_code || ' ' || charged FROM generations WHERE id = '%s'", bench.generation.text);
}

static const char *vanished(void) { return sql_value("SELECT endpoint || ' ' || count FROM endpoints_vanished"); }

/* By another process, of which this one's catalogue knows nothing yet. */
static void switch_to(const char *state)
{
    (void)sql_value("INSERT INTO endpoint_states (endpoint, state) VALUES ('" LORA "', '%s') RETURNING 1", state);
}

static void check_told(int times)
{
    char expected[64];

    (void)snprintf(expected, sizeof expected, "%s %d", LORA, times);
    assert_string_equal(error_code(), "endpoint_gone 0");
    assert_string_equal(vanished(), expected);
    assert_true(bench.next.done);
    assert_true(bench.next.freed);
}

static void what_was_switched_off_meanwhile_is_not_sent_and_costs_nothing(void **state)
{
    (void)state;
    switch_to("gone");
    assert_true(bench_step());
    bench_assert_now("failed/none");
    assert_string_equal(error_code(), "endpoint_gone 0");
    assert_true(bench.next.done);
    assert_true(bench.next.freed);
    assert_int_equal(tiny_requests(bench.tiny), 0);
    assert_string_equal(vanished(), ""); /* the operators know */
}

static void what_is_deprecated_is_sent(void **state)
{
    (void)state;
    switch_to("deprecated");
    bench_submit();
    bench_assert_now("queued/accepted");
}

static void what_is_used_again_is_sent_whatever_is_known_here(void **state)
{
    (void)state;
    catalog_switch(bench.catalog, catalog_endpoint(bench.catalog, LORA), ENDPOINT_GONE, NULL);
    switch_to("active");
    bench_submit();
    bench_assert_now("queued/accepted");
}

/* It may still come, and is paid for. */
static void what_was_sent_before_goes_on(void **state)
{
    (void)state;
    bench_submit();
    switch_to("gone");
    bench_will_answer("200 OK", "", STATUS("IN_PROGRESS"));
    assert_true(bench_step());
    bench_assert_now("running/accepted");
}

static void an_application_that_the_provider_does_not_know_ends_it_and_is_told(void **state)
{
    (void)state;
    bench_will_answer("404 Not Found", "", "{\"detail\":\"Application \\\"flux-lora\\\" not found\"}");
    assert_true(bench_step());
    bench_assert_now("failed/failed");
    check_told(1);
    bench_add_wish();
    bench_will_answer("410 Gone", "", "{\"detail\":\"This model is no longer supported\"}");
    assert_true(bench_step());
    check_told(2);
    assert_string_equal(sql_value("SELECT open_until IS NULL FROM breakers WHERE endpoint IN ('', '" LORA "')"), "t");
}

static void a_path_that_it_does_not_know_is_told_when_the_result_is_fetched(void **state)
{
    (void)state;
    bench_submit();
    bench_will_answer_result("404 Not Found", "{\"detail\":\"Path /image-to-image not found\"}");
    assert_true(bench_step());
    check_told(1);
}

/* Of a gateway, or of a request that was lost: neither says anything about the endpoint. */
static void other_answers_of_404_are_none_about_the_endpoint(void **state)
{
    (void)state;
    bench_submit();
    bench_will_answer_result("404 Not Found", "{\"status\":\"NOT_FOUND\"}");
    assert_false(bench_step());
    assert_string_equal(bench.err.code, "result_missing");
    bench_will_answer_result("404 Not Found", "<html>nginx</html>");
    assert_true(bench_step());
    assert_string_equal(vanished(), "");
    bench_assert_now("queued/accepted");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_switched_off_meanwhile_is_not_sent_and_costs_nothing),
        TEST(what_is_deprecated_is_sent),
        TEST(what_is_used_again_is_sent_whatever_is_known_here),
        TEST(what_was_sent_before_goes_on),
        TEST(an_application_that_the_provider_does_not_know_ends_it_and_is_told),
        TEST(a_path_that_it_does_not_know_is_told_when_the_result_is_fetched),
        TEST(other_answers_of_404_are_none_about_the_endpoint),
    };

    return cmocka_run_group_tests(tests, bench_open, sql_close);
}
