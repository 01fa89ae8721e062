/* A generation as clients read it: progress and rest are estimates that are never too sure. */
#include "generations/generation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "json/json_in.h"

static struct generation make(const char *status)
{
    return (struct generation){.id = {"01990000-0000-7000-8000-0000000000b0"},
                               .avatar_id = {"01990000-0000-7000-8000-00000000000a"},
                               .status = status,
                               .prompt = "p \"q\"",
                               .final_prompt = "T p \"q\"",
                               .preset = "fast",
                               .endpoint = "fal-ai/flux-lora",
                               .parameters = TEXT("{\"x\":1}"),
                               .seed = "18446744073709551615",
                               .wanted_seed = NULL,
                               .source = "api",
                               .num_images = 2,
                               .cost = 4,
                               .charged = -1,
                               .version = 3,
                               .usual_s = 10,
                               .slots = 2,
                               .queue_position = -1,
                               .took_s = -1,
                               .created_at = "2026-01-15T10:00:00Z"};
}

static yajl_val write_with(const struct generation *g, enum lang lang,
                           void (*write)(struct json_out *, const struct generation *, enum lang))
{
    CLEANUP(buf_done) struct buf buf = buf_make(10000);
    struct json_out out = json_out_begin(&buf);
    struct err err;
    yajl_val root;

    json_object(&out);
    write(&out, g, lang);
    json_end_object(&out);
    assert_true(json_parse((struct text){buf.bytes, buf.len}, &root, &err));
    return root;
}

struct estimate {
    const char *status, *waiting_for;
    int64_t position; /* -1: none */
    double sent_s, ran_s;
    int progress, eta; /* eta -1: null */
};

static const struct estimate ESTIMATES[] = {
    {"pending", "waiting_queue", -1, 0, 0, 0, 10},
    {"pending", "waiting_queue", 0, 0, 0, 0, 10},
    {"pending", "waiting_queue", 1, 0, 0, 0, 15}, /* two at the same time */
    {"pending", "waiting_queue", 999, 0, 0, 0, 5005},
    {"pending", "waiting_queue", 1000, 0, 0, 0, -1}, /* or more: nobody has counted them */
    {"pending", "waiting_provider", 1, 0, 0, 0, -1}, /* nobody knows when it is back */
    {"pending", "waiting_stopped", 1, 0, 0, 0, -1},
    {"submitting", NULL, -1, 0, 0, 0, 10},
    {"submitting", "waiting_checked", -1, 30, 0, 0, -1},
    {"queued", NULL, 3, 4, 0, 5, 6},
    {"queued", NULL, 3, 60, 0, 5, 1},
    {"running", NULL, -1, 0, 0, 10, 10},
    {"running", NULL, -1, 6, 5, 50, 4}, /* usual is from the submission on */
    {"running", NULL, -1, 0, 9.9, 89, 1},
    {"running", NULL, -1, 1000, 1000, 90, 1},
    {"running", NULL, -1, -3, -3, 10, 10}, /* a clock was set back */
    {"storing", NULL, -1, 12, 12, 95, 1},
    {"completed", NULL, -1, 12, 12, 100, -1},
    {"failed", NULL, -1, 3, 3, 0, -1},
    {"cancelled", NULL, -1, 0, 0, 0, -1},
};

static void progress_and_the_time_left_are_never_too_sure(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ESTIMATES / sizeof *ESTIMATES; i++) {
        const struct estimate *e = &ESTIMATES[i];
        struct generation g = make(e->status);
        yajl_val root;
        int64_t progress, eta;
        g.waiting_for = e->waiting_for;
        g.queue_position = e->position;
        g.sent_s = e->sent_s;
        g.ran_s = e->ran_s;
        root = write_with(&g, LANG_EN, generation_write);
        progress = json_get_int64(root, "progress", -7);
        eta = json_get_int64(root, "eta_seconds", -1);
        if (progress != e->progress || eta != e->eta)
            fail_msg("%zu, %s: %lld %%, %lld s left", i, e->status, (long long)progress, (long long)eta);
        yajl_tree_free(root);
    }
}

struct price {
    const char *status, *error_code;
    int64_t charged, cost;
    const char *reason;
};

static const struct price PRICES[] = {
    {"pending", NULL, -1, 4, "reserved"},
    {"storing", NULL, -1, 4, "reserved"},
    {"completed", NULL, 4, 4, "delivered"},
    {"completed", NULL, 2, 2, "delivered_in_part"},
    {"completed", NULL, 0, 0, "late_result"},
    {"failed", "provider_timeout", 0, 0, "failed"},
    {"failed", "outcome_unknown", 0, 0, "failed"},
    {"failed", "nsfw_result", 0, 0, "blocked"},
    {"failed", "moderation_blocked", 0, 0, "blocked"},
    {"cancelled", NULL, 0, 0, "cancelled"},
};

static void the_price_is_what_was_delivered_and_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof PRICES / sizeof *PRICES; i++) {
        struct generation g = make(PRICES[i].status);
        yajl_val root;
        g.error_code = PRICES[i].error_code;
        g.charged = PRICES[i].charged;
        root = write_with(&g, LANG_EN, generation_write);
        assert_int_equal(json_get_int64(root, "cost", -7), PRICES[i].cost);
        assert_string_equal(json_get_text(root, "charge_reason"), PRICES[i].reason);
        yajl_tree_free(root);
    }
}

static void what_it_waits_for_is_said_in_words(void **state)
{
    struct generation g = make("pending");

    (void)state;
    g.waiting_for = "waiting_provider";
    g.batch = true;
    for (int lang = LANG_RU; lang <= LANG_EN; lang++) {
        yajl_val root = write_with(&g, (enum lang)lang, generation_write), waiting = json_get(root, "waiting");
        assert_string_equal(json_get_text(waiting, "code"), "waiting_provider");
        assert_non_null(strstr(json_get_text(waiting, "message"), lang == LANG_RU ? "не потеряется" : "is kept"));
        assert_string_equal(json_get_text(root, "priority"), "batch");
        yajl_tree_free(root);
    }
}

static void everything_of_the_contract_is_there(void **state)
{
    static const char *const NULLS[] = {"template_id", "batch_id",    "parent_image_id", "queue_position", "error",
                                        "started_at",  "finished_at", "generation_time", "waiting"};
    struct generation g = make("pending");
    yajl_val root = write_with(&g, LANG_EN, generation_write);

    (void)state;
    for (size_t i = 0; i < sizeof NULLS / sizeof *NULLS; i++)
        assert_true(json_get(root, NULLS[i]) && YAJL_IS_NULL(json_get(root, NULLS[i])));
    assert_string_equal(json_get_text(root, "seed"), "18446744073709551615"); /* exact in every client */
    assert_string_equal(json_get_text(root, "prompt"), "p \"q\"");
    assert_true(YAJL_IS_OBJECT(json_get(root, "parameters")));
    assert_int_equal(json_get_int64(root, "num_images", 0), 2);
    assert_int_equal(json_get_int64(root, "version", 0), 3);
    assert_string_equal(json_get_text(root, "priority"), "interactive");
    yajl_tree_free(root);
}

static void what_is_known_is_told(void **state)
{
    struct generation g = make("queued");
    yajl_val root;

    (void)state;
    g.queue_position = 0;
    g.avatar_deleted = true;
    g.took_s = 5.25;
    (void)snprintf(g.started_at, sizeof g.started_at, "2026-01-15T10:00:01Z");
    root = write_with(&g, LANG_EN, generation_write);
    assert_int_equal(json_get_int64(root, "queue_position", -7), 0);
    assert_true(YAJL_IS_NULL(json_get(root, "avatar_id")));
    assert_string_equal(json_get_text(root, "started_at"), "2026-01-15T10:00:01Z");
    assert_string_equal(YAJL_GET_NUMBER(json_get(root, "generation_time")), "5.25");
    yajl_tree_free(root);
}

static void a_failure_says_in_words_what_to_do(void **state)
{
    static const char *const WORDS[] = {[LANG_RU] = "Модель сочла", [LANG_EN] = "The model judged"};
    struct generation g = make("failed");

    (void)state;
    g.error_code = "nsfw_result";
    for (int lang = LANG_RU; lang <= LANG_EN; lang++) {
        yajl_val root = write_with(&g, (enum lang)lang, generation_write), error = json_get(root, "error");
        assert_string_equal(json_get_text(error, "code"), "nsfw_result");
        assert_non_null(strstr(json_get_text(error, "message"), WORDS[lang]));
        assert_null(strchr(json_get_text(error, "message"), '|'));
        yajl_tree_free(root);
    }
}

static void a_repeated_request_reads_what_was_answered_first(void **state)
{
    struct generation now = make("failed"), then = make("pending");
    CLEANUP(buf_done) struct buf a = buf_make(10000), b = buf_make(10000);
    struct json_out first = json_out_begin(&a), again = json_out_begin(&b);

    (void)state;
    then.seed = then.wanted_seed = now.wanted_seed = "7";
    now.seed = "8";
    now.error_code = "nsfw_result";
    now.queue_position = 3;
    now.ran_s = 4;
    now.took_s = 5;
    now.avatar_deleted = true;
    now.charged = 0;
    now.version = 9;
    now.usual_s = 99; /* others were measured since */
    now.slots = 7;
    now.sent_s = 5;
    then.waiting_for = "waiting_queue";
    then.version = 1;
    (void)snprintf(now.started_at, sizeof now.started_at, "2026-01-15T10:00:01Z");
    (void)snprintf(now.finished_at, sizeof now.finished_at, "2026-01-15T10:00:06Z");
    generation_write_created(&first, &then, LANG_EN);
    generation_write_created(&again, &now, LANG_EN);
    assert_string_equal(a.bytes, b.bytes);
    assert_non_null(strstr(a.bytes, "\"status\":\"pending\""));
    assert_non_null(strstr(a.bytes, "\"eta_seconds\":null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_and_the_time_left_are_never_too_sure),
        cmocka_unit_test(the_price_is_what_was_delivered_and_says_why),
        cmocka_unit_test(what_it_waits_for_is_said_in_words),
        cmocka_unit_test(everything_of_the_contract_is_there),
        cmocka_unit_test(what_is_known_is_told),
        cmocka_unit_test(a_failure_says_in_words_what_to_do),
        cmocka_unit_test(a_repeated_request_reads_what_was_answered_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
