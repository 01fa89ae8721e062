/* Switching endpoints: the rows, what they come to, and how they reach the catalogues of other processes. */
#include "endpoints/endpoint_switch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "endpoints/endpoint_vanished.h"
#include "endpoints/endpoint_watch.h"
#include "support/altered_catalog.h"
#include "support/sql.h"

#define LORA "fal-ai/flux-lora"
#define FINETUNE "fal-ai/flux-pro/finetuned"
#define STYLE_TRAINER "fal-ai/flux-pro-trainer"
#define FAST_TRAINER "fal-ai/flux-lora-fast-training"

static struct catalog *catalog;
static char ids[ENDPOINT_IDS_ROOM];
static PGresult *rows;
static struct endpoint_statuses statuses;

static int set_up(void **state)
{
    struct err err;

    (void)state;
    log_set_level(LOG_ERROR);
    sql_do("DELETE FROM endpoint_states; DELETE FROM endpoints_vanished; DELETE FROM breakers WHERE endpoint <> '';"
           " UPDATE breakers SET open_until = NULL");
    catalog = catalog_open(altered_catalog_root(), &err);
    return catalog ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    PQclear(rows);
    rows = NULL;
    catalog_close(catalog);
    return 0;
}

static const struct endpoint_status *now(const char *id)
{
    PQclear(rows);
    rows = sql_rows(endpoint_statuses(endpoint_ids_write(catalog, ids)));
    endpoint_statuses_read(catalog, rows, &statuses);
    return endpoint_statuses_find(&statuses, id);
}

/* As a merge patch; what is wrong, "field:code", or "". */
static const char *patch(const char *id, const char *json)
{
    static char wrong[120];
    const struct endpoint_status *status = now(id);
    struct endpoint_change change = {0};
    struct endpoint_status wanted;
    struct faults faults = {0};
    struct err err = {0};

    (void)json_decode_body(text_of(json), endpoint_change_fields, &change, &faults, &err);
    assert_int_equal(err.kind, ERR_NONE);
    wanted = endpoint_change_apply(&statuses, status, &change, &faults);
    wrong[0] = '\0';
    if (faults.count)
        (void)snprintf(wrong, sizeof wrong, "%s:%s", faults.items[0].field, faults.items[0].code);
    else
        assert_int_equal(sql_count(endpoint_switch(&wanted, (struct uuid){""})), 1);
    return wrong;
}

static void what_nobody_has_switched_is_as_it_was_shipped(void **state)
{
    (void)state;
    assert_int_equal(now(LORA)->state, ENDPOINT_ACTIVE);
    assert_int_equal(statuses.count, 7);
    assert_string_equal(now(LORA)->changed_at, "");
    assert_int_equal(now(STYLE_TRAINER)->state, ENDPOINT_DEPRECATED);
    assert_string_equal(now(STYLE_TRAINER)->replacement->id, FAST_TRAINER);
}

static void a_patch_changes_what_it_names_and_nothing_else(void **state)
{
    (void)state;
    assert_string_equal(patch(LORA, "{\"state\":\"deprecated\",\"note\":\"looks ill\"}"), "");
    assert_int_equal(now(LORA)->state, ENDPOINT_DEPRECATED);
    assert_null(now(LORA)->replacement);
    assert_string_equal(now(LORA)->note, "looks ill");
    assert_string_not_equal(now(LORA)->changed_at, "");
    assert_string_equal(patch(LORA, "{\"replacement\":\"" FINETUNE "\"}"), "");
    assert_int_equal(now(LORA)->state, ENDPOINT_DEPRECATED);
    assert_string_equal(now(LORA)->replacement->id, FINETUNE);
    assert_string_equal(now(LORA)->note, "looks ill");
    assert_string_equal(patch(LORA, "{\"replacement\":null,\"note\":null,\"state\":\"active\"}"), "");
    assert_null(now(LORA)->replacement);
    assert_null(now(LORA)->note);
    assert_string_equal(patch(STYLE_TRAINER, "{\"state\":\"gone\"}"), ""); /* its shipped replacement stays */
    assert_string_equal(now(STYLE_TRAINER)->replacement->id, FAST_TRAINER);
}

static void a_patch_that_cannot_be_is_refused_with_the_reason(void **state)
{
    (void)state;
    assert_string_equal(patch(LORA, "{}"), ":nothing_to_change");
    assert_string_equal(patch(LORA, "{\"state\":\"dead\"}"), "state:not_one_of");
    assert_string_equal(patch(LORA, "{\"state\":null}"), "state:not_a_string");
    assert_string_equal(patch(LORA, "{\"note\":\" \"}"), "note:blank");
    assert_string_equal(patch(LORA, "{\"price\":1}"), ":unknown_field");
    assert_string_equal(patch(LORA, "{\"replacement\":\"fal-ai/none\"}"), "replacement:no_such_endpoint");
    assert_string_equal(patch(LORA, "{\"replacement\":\"" FAST_TRAINER "\"}"), "replacement:endpoint_other_kind");
    assert_string_equal(patch(LORA, "{\"replacement\":\"" LORA "\"}"), "replacement:endpoint_circle");
    assert_string_equal(patch(FAST_TRAINER, "{\"replacement\":\"" STYLE_TRAINER "\"}"), "replacement:endpoint_circle");
    assert_string_equal(patch(FINETUNE, "{\"state\":\"gone\"}"), "");
    assert_string_equal(patch(LORA, "{\"replacement\":\"" FINETUNE "\"}"), "replacement:endpoint_itself_gone");
    assert_string_equal(sql_value("SELECT count(*) FROM endpoint_states"), "1");
}

static void a_replacement_that_the_catalogue_has_lost_is_none(void **state)
{
    (void)state;
    sql_do("INSERT INTO endpoint_states (endpoint, state, replacement) VALUES ('" LORA "', 'gone', 'fal-ai/was')");
    assert_int_equal(now(LORA)->state, ENDPOINT_GONE);
    assert_null(now(LORA)->replacement);
}

static void it_tells_of_breakers_of_what_waits_and_of_what_has_vanished(void **state)
{
    struct uuid user = sql_user("waits"), avatar = sql_avatar(user);

    (void)state;
    (void)sql_value(
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds) SELECT gen_random_uuid(), '%s', '%s', 'p', 'p', 'fast',"
        " '" LORA "', 1, '{}', '{}', 4, 20 FROM generate_series(1, 3)",
        user.text, avatar.text);
    sql_do(
        "INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost) SELECT id, user_id, 0, endpoint,"
        " 4 FROM generations ON CONFLICT DO NOTHING");
    for (int i = 0; i < 5; i++)
        (void)sql_value("SELECT breaker_note('" FINETUNE "', 'failed', 'fal_bad_answer')");
    endpoint_vanished(sql_pg(), LORA, "http_404");
    endpoint_vanished(sql_pg(), LORA, "http_404");
    assert_int_equal(now(LORA)->waiting, 3);
    assert_int_equal(now(LORA)->vanished, 2);
    assert_false(now(LORA)->breaker.open);
    assert_true(now(FINETUNE)->breaker.open);
    assert_string_equal(now(FINETUNE)->breaker.reason, "fal_bad_answer");
    assert_string_not_equal(now(FINETUNE)->breaker.until, "");
    assert_false(statuses.account.open);
    (void)sql_value("SELECT breaker_note('" LORA "', 'stopped', 'fal_key_refused')");
    (void)now(LORA);
    assert_true(statuses.account.open);
    assert_string_equal(statuses.account.reason, "fal_key_refused");
}

/* Other processes */

enum { FOLLOWED_MS = 6000 }; /* two seconds are meant, on a machine that has nothing else to do */

static bool is_within(const struct catalog *other, const char *id, enum endpoint_state state, int ms)
{
    int64_t until_ms = clock_monotonic_ms() + ms;

    while (clock_monotonic_ms() < until_ms) {
        if (endpoint_state(catalog_endpoint(other, id)) == state)
            return true;
        (void)usleep(10000);
    }
    return false;
}

static void another_process_follows(void **state)
{
    struct endpoint_watch *watch;

    (void)state;
    assert_string_equal(patch(STYLE_TRAINER, "{\"state\":\"gone\"}"), "");
    watch = endpoint_watch_open(getenv("DATABASE_URL"), catalog);
    assert_int_equal(endpoint_state(catalog_endpoint(catalog, STYLE_TRAINER)), ENDPOINT_GONE); /* at its start */
    assert_string_equal(patch(LORA, "{\"state\":\"gone\",\"replacement\":\"" FINETUNE "\"}"), "");
    assert_true(is_within(catalog, LORA, ENDPOINT_GONE, FOLLOWED_MS));
    assert_string_equal(endpoint_replacement(catalog_endpoint(catalog, LORA))->id, FINETUNE);
    sql_do("DELETE FROM endpoint_states"); /* as it was shipped again */
    assert_true(is_within(catalog, LORA, ENDPOINT_ACTIVE, FOLLOWED_MS));
    assert_null(endpoint_replacement(catalog_endpoint(catalog, LORA)));
    assert_true(is_within(catalog, STYLE_TRAINER, ENDPOINT_DEPRECATED, FOLLOWED_MS));
    endpoint_watch_close(watch);
}

/* What it reads at that moment may be older than what it has just written. */
static void the_process_that_switches_follows_at_once_and_does_not_fall_back(void **state)
{
    struct endpoint_watch *watch = endpoint_watch_open(getenv("DATABASE_URL"), catalog);
    const struct endpoint *lora = catalog_endpoint(catalog, LORA);

    (void)state;
    for (int i = 0; i < 40; i++) {
        enum endpoint_state wanted = i % 2 ? ENDPOINT_ACTIVE : ENDPOINT_GONE;
        (void)patch(LORA, i % 2 ? "{\"state\":\"active\"}" : "{\"state\":\"gone\"}");
        endpoint_watch_switched(watch, lora, wanted, NULL);
        for (int j = 0; j < 20; j++) {
            assert_int_equal(endpoint_state(lora), wanted);
            (void)usleep(500);
        }
    }
    endpoint_watch_close(watch);
}

static void what_was_known_last_holds_while_the_database_is_away(void **state)
{
    struct endpoint_watch *watch = endpoint_watch_open(getenv("DATABASE_URL"), catalog);

    (void)state;
    assert_string_equal(patch(LORA, "{\"state\":\"gone\"}"), "");
    assert_true(is_within(catalog, LORA, ENDPOINT_GONE, FOLLOWED_MS));
    sql_do("ALTER TABLE endpoint_states RENAME TO endpoint_states_away");
    assert_false(is_within(catalog, LORA, ENDPOINT_ACTIVE, 1500));
    sql_do("ALTER TABLE endpoint_states_away RENAME TO endpoint_states; UPDATE endpoint_states SET state = 'active'");
    assert_true(is_within(catalog, LORA, ENDPOINT_ACTIVE, FOLLOWED_MS));
    endpoint_watch_close(watch);
}

static void a_start_without_a_database_is_as_shipped_and_soon_over(void **state)
{
    int64_t began_ms = clock_monotonic_ms();
    struct endpoint_watch *watch = endpoint_watch_open("postgresql:///none?host=/nonexistent", catalog);

    (void)state;
    assert_true(clock_monotonic_ms() - began_ms < FOLLOWED_MS);
    assert_int_equal(endpoint_state(catalog_endpoint(catalog, LORA)), ENDPOINT_ACTIVE);
    endpoint_watch_close(watch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_nobody_has_switched_is_as_it_was_shipped),
        TEST(a_patch_changes_what_it_names_and_nothing_else),
        TEST(a_patch_that_cannot_be_is_refused_with_the_reason),
        TEST(a_replacement_that_the_catalogue_has_lost_is_none),
        TEST(it_tells_of_breakers_of_what_waits_and_of_what_has_vanished),
        TEST(another_process_follows),
        TEST(the_process_that_switches_follows_at_once_and_does_not_fall_back),
        TEST(what_was_known_last_holds_while_the_database_is_away),
        TEST(a_start_without_a_database_is_as_shipped_and_soon_over),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
