/* What every kind of answer means, from canned ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "fal/fal_answer.h"

static struct err err;

static struct fetch_response answer(int status, const char *body)
{
    struct fetch_response response = {.status = status, .body = buf_make(1 << 20)};

    assert_true(buf_add_text(&response.body, body));
    return response;
}

static enum fal_submitted submitted(int status, const char *body, struct fal_ticket *ticket)
{
    struct fetch_response response = answer(status, body);
    enum fal_submitted result = fal_answer_submit(FETCH_OK, &response, ticket, &err);

    fetch_response_done(&response);
    return result;
}

#define FLAT "{\"detail\":\"No runner\",\"error_type\":\"runner_scheduling_failure\"}"
#define CONTENT_POLICY                                                                                                 \
    "{\"detail\":[{\"loc\":[\"body\",\"prompt\"],\"msg\":\"flagged\",\"type\":\"content_policy_violation\","           \
    "\"input\":\"SECRET PROMPT\"}]}"

static void takes_a_submission_with_an_id_for_accepted(void **state)
{
    struct fal_ticket ticket = {0};

    (void)state;
    assert_int_equal(submitted(200,
                               "{\"status\":\"IN_QUEUE\",\"request_id\":\"r-1\",\"status_url\":\"https://q/s\","
                               "\"response_url\":\"https://q/r\",\"cancel_url\":null,\"logs\":null}",
                               &ticket),
                     FAL_ACCEPTED);
    assert_string_equal(ticket.request_id, "r-1");
    assert_string_equal(ticket.status_url, "https://q/s");
    assert_string_equal(ticket.cancel_url, "");
    assert_int_equal(submitted(201, "{\"request_id\":\"r-1\"}", &ticket), FAL_ACCEPTED);
    assert_int_equal(submitted(202, "{\"request_id\":\"r-1\"}", &ticket), FAL_ACCEPTED);
}

static void takes_a_success_without_a_usable_id_for_ambiguous(void **state)
{
    static const char *const BODIES[] = {"",
                                         "ok",
                                         "[]",
                                         "{}",
                                         "{\"request_id\":7}",
                                         "{\"request_id\":\"\"}",
                                         "{\"request_id\":\"a/../b\"}",
                                         "{\"request_id\":\"r-1\"",
                                         "{\"request_id\":\"r-1\"}x"};
    struct fal_ticket ticket = {0};

    (void)state;
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++)
        if (submitted(200, BODIES[i], &ticket) != FAL_AMBIGUOUS)
            fail_msg("%s", BODIES[i]);
}

static void knows_what_was_surely_not_accepted(void **state)
{
    struct fal_ticket ticket = {0};
    struct fetch_response response = answer(429, "");

    (void)state;
    response.retry_after_s = 9;
    assert_int_equal(fal_answer_submit(FETCH_OK, &response, &ticket, &err), FAL_NOT_ACCEPTED);
    assert_int_equal(ticket.retry_after_s, 9);
    fetch_response_done(&response);
    assert_int_equal(submitted(503, FLAT, &ticket), FAL_NOT_ACCEPTED);
    response = answer(503, "{\"detail\":\"No runner\"}");
    (void)snprintf(response.error_type, sizeof response.error_type, "runner_scheduling_failure");
    assert_int_equal(fal_answer_submit(FETCH_OK, &response, &ticket, &err), FAL_NOT_ACCEPTED);
    fetch_response_done(&response);
    response = (struct fetch_response){0};
    assert_int_equal(fal_answer_submit(FETCH_NOT_SENT, &response, &ticket, &err), FAL_NOT_ACCEPTED);
}

static void takes_everything_unlisted_for_ambiguous(void **state)
{
    static const int STATUSES[] = {100, 204, 206, 300, 302, 304, 405, 406, 408, 409, 418, 425, 431,
                                   451, 499, 500, 501, 502, 504, 505, 507, 520, 524, 599, 0};
    struct fal_ticket ticket = {0};
    struct fetch_response response = {0};

    (void)state;
    for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++)
        if (submitted(STATUSES[i], FLAT, &ticket) != FAL_AMBIGUOUS)
            fail_msg("%d", STATUSES[i]);
    assert_int_equal(submitted(503, "<html>nginx</html>", &ticket), FAL_AMBIGUOUS);
    assert_int_equal(submitted(503, "{\"message\":\"no\"}", &ticket), FAL_AMBIGUOUS);
    assert_int_equal(submitted(422, "<html>no</html>", &ticket), FAL_AMBIGUOUS);
    assert_int_equal(submitted(404, "", &ticket), FAL_AMBIGUOUS);
    assert_int_equal(fal_answer_submit(FETCH_MAYBE_SENT, &response, &ticket, &err), FAL_AMBIGUOUS);
}

static void refuses_for_good_without_repeating_what_the_user_typed(void **state)
{
    struct fal_ticket ticket = {0};

    (void)state;
    assert_int_equal(submitted(422, CONTENT_POLICY, &ticket), FAL_REFUSED);
    assert_string_equal(err.code, "moderation_blocked");
    assert_null(strstr(err.detail, "SECRET"));
    assert_int_equal(submitted(404, "{\"detail\":\"Application \\\"x\\\" not found\"}", &ticket), FAL_REFUSED);
    assert_string_equal(err.code, "endpoint_gone");
    assert_int_equal(submitted(410, "{\"detail\":\"This model is no longer supported\"}", &ticket), FAL_REFUSED);
    assert_string_equal(err.code, "endpoint_gone");
    assert_int_equal(submitted(410, "", &ticket), FAL_AMBIGUOUS);
    assert_int_equal(submitted(400, "{\"detail\":\"Invalid JSON\"}", &ticket), FAL_REFUSED);
    assert_int_equal(submitted(413, "{\"detail\":\"too large\"}", &ticket), FAL_REFUSED);
}

static void stops_the_line_when_key_or_balance_are_refused(void **state)
{
    struct fal_ticket ticket = {0};

    (void)state;
    assert_int_equal(submitted(401, "{\"detail\":\"No user found for Key ID and Secret\"}", &ticket), FAL_STOP);
    assert_int_equal(submitted(402, "", &ticket), FAL_STOP);
    assert_int_equal(submitted(403, "{\"detail\":\"User is locked\"}", &ticket), FAL_STOP);
}

static enum fal_state state_of(int status, const char *body, int *position)
{
    struct fetch_response response = answer(status, body);
    enum fal_state result = fal_answer_status(FETCH_OK, &response, position, &err);

    fetch_response_done(&response);
    return result;
}

static void reads_the_state_by_its_word(void **state)
{
    int position;

    (void)state;
    assert_int_equal(state_of(202, "{\"status\":\"IN_QUEUE\",\"queue_position\":2}", &position), FAL_QUEUED);
    assert_int_equal(position, 2);
    assert_int_equal(state_of(200, "{\"status\":\"IN_QUEUE\",\"queue_position\":-2}", &position), FAL_QUEUED);
    assert_int_equal(position, -1);
    assert_int_equal(state_of(200, "{\"status\":\"IN_PROGRESS\",\"logs\":null}", &position), FAL_RUNNING);
    assert_int_equal(state_of(202, "{\"status\":\"COMPLETED\",\"error\":\"x\"}", &position), FAL_COMPLETED);
    assert_int_equal(state_of(404, "{\"status\":\"NOT_FOUND\"}", &position), FAL_LOST);
    assert_int_equal(state_of(404, "<html>nginx</html>", &position), FAL_UNREACHABLE);
    assert_int_equal(state_of(200, "{\"status\":\"CANCELLED\"}", &position), FAL_UNREACHABLE);
    assert_int_equal(state_of(200, "{\"status\":7}", &position), FAL_UNREACHABLE);
    assert_int_equal(state_of(200, "COMPLETED", &position), FAL_UNREACHABLE);
    assert_int_equal(state_of(401, "{\"status\":\"COMPLETED\"}", &position), FAL_UNREACHABLE);
    assert_int_equal(state_of(502, "<html>", &position), FAL_UNREACHABLE);
}

static enum fal_result result_of(int status, const char *body, struct fal_outcome *outcome)
{
    struct fetch_response response = answer(status, body);
    enum fal_result result = fal_answer_result(FETCH_OK, &response, outcome, &err);

    fetch_response_done(&response);
    return result;
}

static void reads_images_and_seeds_of_64_bits(void **state)
{
    struct fal_outcome outcome;

    (void)state;
    assert_int_equal(
        result_of(200,
                  "{\"images\":[{\"url\":\"https://v3.fal.media/a.jpeg\",\"width\":1024,\"height\":768,"
                  "\"content_type\":\"image/jpeg\"},{\"url\":\"https://v3.fal.media/b.png\",\"width\":1,\"height\":2,"
                  "\"content_type\":null,\"file_size\":null}],\"timings\":{},\"seed\":17454220438242315174,"
                  "\"has_nsfw_concepts\":[false,true],\"prompt\":\"x\"}",
                  &outcome),
        FAL_RESULT_READY);
    assert_int_equal(outcome.image_count, 2);
    assert_string_equal(outcome.images[0].url, "https://v3.fal.media/a.jpeg");
    assert_int_equal(outcome.images[0].width, 1024);
    assert_int_equal(outcome.images[0].height, 768);
    assert_string_equal(outcome.images[0].content_type, "image/jpeg");
    assert_false(outcome.images[0].nsfw);
    assert_string_equal(outcome.images[1].content_type, "");
    assert_true(outcome.images[1].nsfw);
    assert_true(outcome.has_seed);
    assert_true(outcome.seed == UINT64_C(17454220438242315174));
}

static void passes_over_images_without_an_address_and_more_than_four(void **state)
{
    struct fal_outcome outcome;

    (void)state;
    assert_int_equal(result_of(200,
                               "{\"images\":[{\"width\":1},null,{\"url\":\"a\"},{\"url\":\"b\"},{\"url\":\"c\"},"
                               "{\"url\":\"d\"},{\"url\":\"e\"}],\"has_nsfw_concepts\":[false,false,true]}",
                               &outcome),
                     FAL_RESULT_READY);
    assert_int_equal(outcome.image_count, 4);
    assert_string_equal(outcome.images[0].url, "a");
    assert_true(outcome.images[0].nsfw);
    assert_false(outcome.images[1].nsfw);
    assert_string_equal(outcome.images[3].url, "d");
    assert_false(outcome.has_seed);
}

static void reads_trained_models_with_nullable_files(void **state)
{
    struct fal_outcome outcome;

    (void)state;
    assert_int_equal(result_of(200,
                               "{\"diffusers_lora_file\":{\"url\":\"https://v3.fal.media/l.safetensors\","
                               "\"content_type\":null,\"file_name\":null,\"file_size\":null},\"config_file\":null}",
                               &outcome),
                     FAL_RESULT_READY);
    assert_string_equal(outcome.lora_url, "https://v3.fal.media/l.safetensors");
    assert_string_equal(outcome.config_url, "");
    assert_int_equal(result_of(200, "{\"finetune_id\":\"0f0e0d0c-0b0a-4908-8706-050403020100\"}", &outcome),
                     FAL_RESULT_READY);
    assert_string_equal(outcome.finetune_id, "0f0e0d0c-0b0a-4908-8706-050403020100");
}

static void polls_again_while_it_is_in_progress(void **state)
{
    struct fal_outcome outcome;

    (void)state;
    assert_int_equal(result_of(400, "{\"detail\":\"Request is still in progress\",\"request_id\":\"x\"}", &outcome),
                     FAL_RESULT_NOT_YET);
    assert_int_equal(result_of(200, "{\"detail\":\"Request is still in progress\"}", &outcome), FAL_RESULT_NOT_YET);
}

static void assert_failure(int status, const char *body, enum fal_failure failure, const char *type)
{
    struct fal_outcome outcome;

    if (result_of(status, body, &outcome) != FAL_RESULT_FAILED || outcome.failure != failure ||
        strcmp(outcome.provider_type, type) != 0)
        fail_msg("%d %s: %d %s", status, body, outcome.failure, outcome.provider_type);
}

static void names_failures_of_both_shapes(void **state)
{
    (void)state;
    assert_failure(422, CONTENT_POLICY, FAL_MODERATION_BLOCKED, "content_policy_violation");
    assert_failure(422, "{\"detail\":[{\"type\":\"less_than_equal\"}]}", FAL_PROVIDER_VALIDATION, "less_than_equal");
    assert_failure(422, "{\"detail\":[{\"type\":\"value_error.missing\"}]}", FAL_PROVIDER_VALIDATION,
                   "value_error.missing");
    assert_failure(422, "{\"detail\":[]}", FAL_PROVIDER_VALIDATION, "http_422");
    assert_failure(422, "{\"detail\":[{\"type\":\"a b\\n\"}]}", FAL_PROVIDER_VALIDATION, "http_422");
    assert_failure(422, "{\"detail\":\"text\"}", FAL_PROVIDER_VALIDATION, "http_422");
    assert_failure(422, "{\"detail\":[{\"type\":\"no_media_generated\"}]}", FAL_RESULT_MISSING, "no_media_generated");
    assert_failure(500, "{\"detail\":[{\"type\":\"internal_server_error\"}]}", FAL_PROVIDER_UNAVAILABLE,
                   "internal_server_error");
    assert_failure(400, "{\"detail\":[{\"type\":\"downstream_service_error\"}]}", FAL_PROVIDER_UNAVAILABLE,
                   "downstream_service_error");
    assert_failure(500, "{\"detail\":[{\"type\":\"new_thing\"}]}", FAL_PROVIDER_UNAVAILABLE, "new_thing");
    assert_failure(504, "{\"detail\":[{\"type\":\"generation_timeout\"}]}", FAL_PROVIDER_TIMEOUT, "generation_timeout");
    assert_failure(504, "{\"detail\":\"x\",\"error_type\":\"request_timeout\"}", FAL_PROVIDER_TIMEOUT,
                   "request_timeout");
    assert_failure(503, FLAT, FAL_PROVIDER_UNAVAILABLE, "runner_scheduling_failure");
    assert_failure(499, "{\"detail\":\"Request cancelled\",\"error_type\":\"client_cancelled\"}",
                   FAL_PROVIDER_UNAVAILABLE, "client_cancelled");
    assert_failure(404, "{\"status\":\"NOT_FOUND\"}", FAL_RESULT_MISSING, "http_404");
    assert_failure(404, "{\"detail\":\"Path /finetuned not found\"}", FAL_ENDPOINT_GONE, "http_404");
    assert_failure(404, "{\"detail\":\"Application \\\"flux-pro\\\" not found\"}", FAL_ENDPOINT_GONE, "http_404");
    assert_failure(404, "{\"detail\":\"Request not found\"}", FAL_RESULT_MISSING, "http_404");
    assert_failure(200, "{}", FAL_RESULT_MISSING, "");
    assert_failure(200, "{\"images\":[]}", FAL_RESULT_MISSING, "");
}

static void does_not_blame_the_job_for_trouble_on_the_way(void **state)
{
    static const int STATUSES[] = {301, 401, 402, 403, 408, 429, 500, 502, 503, 504};
    struct fal_outcome outcome;

    (void)state;
    for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++)
        if (result_of(STATUSES[i], "{\"detail\":\"text\"}", &outcome) != FAL_RESULT_UNREACHABLE)
            fail_msg("%d", STATUSES[i]);
    assert_int_equal(result_of(502, "<html>nginx</html>", &outcome), FAL_RESULT_UNREACHABLE);
    assert_int_equal(result_of(404, "<html>nginx</html>", &outcome), FAL_RESULT_UNREACHABLE);
    assert_int_equal(result_of(200, "{\"images\":[", &outcome), FAL_RESULT_UNREACHABLE);
}

static enum fal_cancelled cancelled(int status, const char *body)
{
    struct fetch_response response = answer(status, body);
    enum fal_cancelled result = fal_answer_cancel(FETCH_OK, &response, &err);

    fetch_response_done(&response);
    return result;
}

static void reads_what_became_of_a_cancel(void **state)
{
    (void)state;
    assert_int_equal(cancelled(202, "{\"status\":\"CANCELLATION_REQUESTED\"}"), FAL_CANCEL_REQUESTED);
    assert_int_equal(cancelled(200, "{\"success\":true}"), FAL_CANCEL_REQUESTED);
    assert_int_equal(cancelled(204, ""), FAL_CANCEL_REQUESTED);
    assert_int_equal(cancelled(400, "{\"status\":\"ALREADY_COMPLETED\"}"), FAL_CANCEL_TOO_LATE);
    assert_int_equal(cancelled(200, "{\"status\":\"ALREADY_COMPLETED\"}"), FAL_CANCEL_TOO_LATE);
    assert_int_equal(cancelled(400, "{\"detail\":\"done\"}"), FAL_CANCEL_TOO_LATE);
    assert_int_equal(cancelled(404, "{\"status\":\"NOT_FOUND\"}"), FAL_CANCEL_NOT_FOUND);
    assert_int_equal(cancelled(400, "<html>"), FAL_CANCEL_UNREACHABLE);
    assert_int_equal(cancelled(500, ""), FAL_CANCEL_UNREACHABLE);
}

static struct fal_sent sent;
static const char *not_this; /* is another's */

static bool take(void *id, const char *request_id)
{
    if (not_this && strcmp(request_id, not_this) == 0)
        return false;
    return text_copy(id, FAL_ID_ROOM, text_of(request_id));
}

static enum fal_found found(int status, const char *body, uint64_t seed, char id[FAL_ID_ROOM], char cursor[8])
{
    struct fetch_response response = answer(status, body);
    enum fal_found result;

    sent.seed = seed;
    result = fal_answer_listing(FETCH_OK, &response, &sent, take, id, cursor, 8, &err);
    fetch_response_done(&response);
    return result;
}

static void finds_a_request_by_its_seed(void **state)
{
    static const char PAGE[] =
        "{\"items\":[{\"request_id\":\"a\"},{\"request_id\":\"b\",\"json_input\":{\"seed\":null}},"
        "{\"request_id\":\"c\",\"json_input\":{\"seed\":18446744073709551615}},"
        "{\"request_id\":\"d\",\"json_input\":\"{\\\"seed\\\":77}\"},{\"request_id\":\"e/"
        "f\",\"json_input\":{\"seed\":5}}"
        "],\"next_cursor\":\"Mg==\",\"has_more\":true}";
    char id[FAL_ID_ROOM], cursor[8];

    (void)state;
    assert_int_equal(found(200, PAGE, UINT64_MAX, id, cursor), FAL_FOUND);
    assert_string_equal(id, "c");
    assert_int_equal(found(200, PAGE, 77, id, cursor), FAL_FOUND);
    assert_string_equal(id, "d");
    assert_int_equal(found(200, PAGE, 5, id, cursor), FAL_NOT_LISTED);
    assert_string_equal(cursor, "Mg==");
    assert_int_equal(found(200, "{\"items\":[],\"next_cursor\":null}", 5, id, cursor), FAL_NOT_LISTED);
    assert_string_equal(cursor, "");
}

#define ITEM(id, prompt, path, more)                                                                                   \
    "{\"request_id\":\"" id "\",\"json_input\":{\"seed\":42,\"prompt\":\"" prompt "\",\"loras\":[{\"path\":\"" path    \
    "\",\"scale\":1.0}]" more "}}"

#define ANOTHER_LORA ITEM("a", "p", "u/2", ",\"steps\":28")
#define ANOTHER_PROMPT ITEM("b", "q", "u/1", ",\"steps\":28")
#define OTHER_STEPS ITEM("c", "p", "u/1", ",\"steps\":29")
#define FIRST ITEM("d", "p", "u/1", ",\"steps\":28,\"added\":null")
#define SECOND ITEM("e", "p", "u/1", ",\"steps\":28")

static void a_seed_that_many_choose_is_not_enough(void **state)
{
    static const char PAGE[] = "{\"items\":[" ANOTHER_LORA "," ANOTHER_PROMPT "," OTHER_STEPS "," FIRST "," SECOND "]}";
    char id[FAL_ID_ROOM], cursor[8];

    (void)state;
    sent.input = TEXT("{\"prompt\":\"p\",\"loras\":[{\"path\":\"u/1\",\"scale\":1}],\"steps\":28}");
    assert_int_equal(found(200, PAGE, 42, id, cursor), FAL_FOUND);
    assert_string_equal(id, "d");
    not_this = "d";
    assert_int_equal(found(200, PAGE, 42, id, cursor), FAL_FOUND);
    assert_string_equal(id, "e");
    sent.input = TEXT("{\"prompt\":\"p\",\"loras\":[{\"path\":\"u/3\",\"scale\":1}]}");
    assert_int_equal(found(200, PAGE, 42, id, cursor), FAL_NOT_LISTED);
    sent.input = TEXT("");
    not_this = NULL;
}

static enum fal_found find_marked(const char *marker, const char *json_input, char id[FAL_ID_ROOM])
{
    CLEANUP(buf_done) struct buf page = buf_make(4096);
    enum fal_found result;
    char cursor[8];

    assert_true(buf_add_format(&page, "{\"items\":[{\"request_id\":\"r\",\"json_input\":%s}]}", json_input));
    sent.marker = marker;
    *id = '\0';
    result = found(200, page.bytes, 5, id, cursor);
    sent.marker = NULL;
    return result;
}

static void finds_a_request_by_its_marker_whatever_its_seed(void **state)
{
    static const char MARKER[] = "/zip/attempt-7?";
    static const char *const HAVE_IT[] = {
        "{\"images_data_url\":\"https://a.example/zip/attempt-7?x=1\"}",
        "{\"seed\":6,\"images_data_url\":\"https://a.example/zip/attempt-7?x=1\"}",
        "{\"images_data_url\":\"https:\\/\\/a.example\\/zip\\/attempt-7?x=1\"}",
        "{\"data\":{\"urls\":[1,null,\"none\",{\"deep\":\"/zip/attempt-7?\"}]}}",
        "\"{\\\"images_data_url\\\":\\\"https:\\\\/\\\\/a.example\\\\/zip\\\\/attempt-7?x=1\\\"}\"",
    };
    static const char *const DO_NOT[] = {
        "{\"seed\":5}",
        "{\"seed\":5,\"images_data_url\":\"https://a.example/zip/attempt-71?x=1\"}",
        "{\"/zip/attempt-7?\":\"a name is no value\"}",
        "null",
        "\"{\\\"cut\\\":\\\"/zip/attempt-7?\"",
    };
    char id[FAL_ID_ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof HAVE_IT / sizeof *HAVE_IT; i++)
        if (find_marked(MARKER, HAVE_IT[i], id) != FAL_FOUND || strcmp(id, "r") != 0)
            fail_msg("not found in %s", HAVE_IT[i]);
    for (size_t i = 0; i < sizeof DO_NOT / sizeof *DO_NOT; i++)
        if (find_marked(MARKER, DO_NOT[i], id) != FAL_NOT_LISTED)
            fail_msg("found in %s", DO_NOT[i]);
}

static void a_marker_and_an_input_must_both_fit(void **state)
{
    char id[FAL_ID_ROOM];

    (void)state;
    sent.input = TEXT("{\"steps\":100}");
    assert_int_equal(find_marked("u-7", "{\"url\":\"u-7\",\"steps\":100}", id), FAL_FOUND);
    assert_int_equal(find_marked("u-7", "{\"url\":\"u-7\",\"steps\":200}", id), FAL_NOT_LISTED);
    sent.input = TEXT("");
}

static void does_not_take_a_broken_listing_for_an_empty_one(void **state)
{
    char id[FAL_ID_ROOM], cursor[8];

    (void)state;
    assert_int_equal(found(200, "{}", 5, id, cursor), FAL_LISTING_UNREACHABLE);
    assert_int_equal(found(200, "[]", 5, id, cursor), FAL_LISTING_UNREACHABLE);
    assert_int_equal(found(500, "{\"items\":[]}", 5, id, cursor), FAL_LISTING_UNREACHABLE);
    assert_int_equal(found(200, "{\"items\":[],\"next_cursor\":\"longer than room\"}", 5, id, cursor),
                     FAL_LISTING_UNREACHABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_submission_with_an_id_for_accepted),
        cmocka_unit_test(takes_a_success_without_a_usable_id_for_ambiguous),
        cmocka_unit_test(knows_what_was_surely_not_accepted),
        cmocka_unit_test(takes_everything_unlisted_for_ambiguous),
        cmocka_unit_test(refuses_for_good_without_repeating_what_the_user_typed),
        cmocka_unit_test(stops_the_line_when_key_or_balance_are_refused),
        cmocka_unit_test(reads_the_state_by_its_word),
        cmocka_unit_test(reads_images_and_seeds_of_64_bits),
        cmocka_unit_test(passes_over_images_without_an_address_and_more_than_four),
        cmocka_unit_test(reads_trained_models_with_nullable_files),
        cmocka_unit_test(polls_again_while_it_is_in_progress),
        cmocka_unit_test(names_failures_of_both_shapes),
        cmocka_unit_test(does_not_blame_the_job_for_trouble_on_the_way),
        cmocka_unit_test(reads_what_became_of_a_cancel),
        cmocka_unit_test(finds_a_request_by_its_seed),
        cmocka_unit_test(a_seed_that_many_choose_is_not_enough),
        cmocka_unit_test(finds_a_request_by_its_marker_whatever_its_seed),
        cmocka_unit_test(a_marker_and_an_input_must_both_fit),
        cmocka_unit_test(does_not_take_a_broken_listing_for_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
