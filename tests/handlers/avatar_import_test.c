/* POST /api/v1/avatars/import: what is taken and what is refused, and what repeating the request gives. */
#include "avatars/import_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "json/json_in.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define ID "01990000-0000-7000-8000-00000000000a"
#define PATH "/api/v1/avatars/import"
#define LORA "\"diffusers_lora_file_url\":\"https://v3.fal.media/files/penguin/anna.safetensors\""
#define PERSON "\"name\":\"Anna\",\"gender\":\"female\""
#define PORTRAIT "{" PERSON ",\"training_type\":\"portrait\",\"trigger_phrase\":\"ANNA woman\"," LORA "}"
#define STYLE "{" PERSON ",\"training_type\":\"style\",\"trigger_word\":\"INK\",\"finetune_id\":\"0f0e-A._1\"}"
#define STYLE_LORA "{" PERSON ",\"training_type\":\"style\",\"trigger_word\":\"INK\"," LORA "}"

static struct next authenticate(struct call *call)
{
    (void)uuid_read(TEXT(USER), &call->who.user);
    call->who.scopes = SCOPE_WRITE;
    return call_enter(call);
}

static const struct route ROUTES[] = {{"POST", PATH, ACCESS_WRITE, 65536, import_post}, {0}};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, authenticate);
    fake_db_reset();
    return 0;
}

static struct loopback *post_with(const char *key, const char *body)
{
    return house_send(
        &(struct loopback_message){.method = "POST",
                                   .path = PATH,
                                   .headers = {"content-type", "application/json", key ? "idempotency-key" : NULL, key},
                                   .body = body});
}

static struct loopback *post(const char *body) { return post_with(NULL, body); }

static void check(struct loopback *l, int status, const char *code)
{
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(house_code(l), code);
    loopback_close(l);
}

/* The row of a new avatar, with the id that the statement was given. */
static void answer_avatar(const char *id, const char *name)
{
    fake_db_answer(fake_rows(21, 1,
                             (const char *[]){id,
                                              USER,
                                              name,
                                              "female",
                                              "portrait",
                                              "completed",
                                              "100",
                                              NULL,
                                              "ANNA woman",
                                              "https://v3.fal.media/a",
                                              NULL,
                                              NULL,
                                              "t",
                                              "0",
                                              "0",
                                              NULL,
                                              "2026-01-15 10:00:00+00",
                                              "2026-01-15 10:00:00+00",
                                              "2026-01-15 10:00:00+00",
                                              NULL,
                                              NULL}));
}

static void answer_nothing(int columns) { fake_db_answer(fake_rows(columns, 0, NULL)); }

static bool creates(void) { return strstr(fake_db_sql(), "INSERT INTO avatars") != NULL; }
static bool looks_up_the_key(void) { return strncmp(fake_db_sql(), "SELECT fingerprint", 18) == 0; }
static bool stores(void) { return strncmp(fake_db_sql(), "UPDATE idempotency_keys", 23) == 0; }

static void imports_each_of_the_three_shapes(void **state)
{
    static const struct {
        const char *body, *type, *trigger, *lora, *finetune;
    } SHAPES[] = {
        {PORTRAIT, "portrait", "ANNA woman", "https://v3.fal.media/files/penguin/anna.safetensors", NULL},
        {STYLE, "style", "INK", NULL, "0f0e-A._1"},
        {STYLE_LORA, "style", "INK", "https://v3.fal.media/files/penguin/anna.safetensors", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        struct loopback *l = post(SHAPES[i].body);
        char id[40], location[80];
        assert_true(creates());
        assert_string_equal(fake_db_value(0), USER);
        (void)snprintf(id, sizeof id, "%s", fake_db_value(1));
        assert_string_equal(fake_db_value(2), "Anna");
        assert_string_equal(fake_db_value(3), "female");
        assert_string_equal(fake_db_value(4), SHAPES[i].type);
        assert_string_equal(fake_db_value(5), SHAPES[i].trigger);
        assert_true(SHAPES[i].lora ? !strcmp(fake_db_value(6), SHAPES[i].lora) : !fake_db_value(6));
        assert_true(SHAPES[i].finetune ? !strcmp(fake_db_value(7), SHAPES[i].finetune) : !fake_db_value(7));
        assert_string_equal(fake_db_value(8), "10");
        assert_null(fake_db_value(9));
        answer_avatar(id, "Anna");
        (void)snprintf(location, sizeof location, "/api/v1/avatars/%s", id);
        assert_string_equal(loopback_header(l, "location", 0), location);
        assert_null(loopback_header(l, "idempotent-replayed", 0));
        check(l, 201, "");
    }
}

/* The fields at fault with their codes, "field:code field:code". */
static const char *faults(const char *body)
{
    static char found[512];
    struct loopback *l = post(body);
    size_t used = 0;
    struct err err;
    yajl_val root, errors;

    found[0] = '\0';
    assert_int_equal(loopback_status(l), 422);
    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    errors = json_get(root, "errors");
    for (size_t i = 0; i < YAJL_GET_ARRAY(errors)->len; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%s:%s", i ? " " : "",
                                 json_get_text(YAJL_GET_ARRAY(errors)->values[i], "field"),
                                 json_get_text(YAJL_GET_ARRAY(errors)->values[i], "code"));
    yajl_tree_free(root);
    loopback_close(l);
    assert_false(fake_db_waits());
    return found;
}

#define PORTRAIT_WITH(more) "{" PERSON ",\"training_type\":\"portrait\",\"trigger_phrase\":\"T\"," more "}"
#define STYLE_WITH(more) "{" PERSON ",\"training_type\":\"style\",\"trigger_word\":\"T\"" more "}"

static void names_all_faults_at_once(void **state)
{
    (void)state;
    assert_string_equal(faults("{}"), "name:required gender:required training_type:required");
    assert_string_equal(
        faults("{\"training_type\":\"portrait\",\"name\":\" \",\"gender\":\"robot\",\"finetune_id\":\"a/b\"}"),
        "gender:not_one_of name:blank finetune_id:not_one_of trigger_phrase:required"
        " diffusers_lora_file_url:required");
}

static void wants_what_the_type_needs_and_nothing_of_the_other(void **state)
{
    (void)state;
    assert_string_equal(faults("{" PERSON ",\"training_type\":\"portrait\"," LORA "}"), "trigger_phrase:required");
    assert_string_equal(faults("{" PERSON ",\"training_type\":\"portrait\",\"trigger_phrase\":\"T\"}"),
                        "diffusers_lora_file_url:required");
    assert_string_equal(faults(PORTRAIT_WITH(LORA ",\"trigger_word\":\"W\"")), "trigger_word:exclusive");
    assert_string_equal(faults(PORTRAIT_WITH(LORA ",\"finetune_id\":\"f\"")), "finetune_id:exclusive");
    assert_string_equal(faults(STYLE_WITH("")), "finetune_id:required");
    assert_string_equal(faults(STYLE_WITH("," LORA ",\"finetune_id\":\"f\"")), "finetune_id:exclusive");
    assert_string_equal(faults(STYLE_WITH(",\"finetune_id\":\"f\",\"trigger_phrase\":\"p\"")),
                        "trigger_phrase:exclusive");
    assert_string_equal(faults("{" PERSON ",\"training_type\":\"style\"," LORA "}"), "trigger_word:required");
    assert_string_equal(faults("{" PERSON ",\"training_type\":\"oil\"," LORA "}"), "training_type:not_one_of");
    assert_string_equal(faults(PORTRAIT_WITH(LORA ",\"is_main\":true")), ":unknown_field");
    assert_string_equal(faults(STYLE_WITH(",\"finetune_id\":null")), "finetune_id:not_a_string");
    assert_string_equal(faults(STYLE_WITH(",\"finetune_id\":\"\"")), "finetune_id:empty");
    assert_string_equal(faults("{\"name\":null,\"gender\":null,\"training_type\":1}"),
                        "name:not_a_string gender:not_a_string training_type:not_a_string");
}

/* It goes before every prompt. */
static void a_trigger_that_may_not_be_asked_for_is_refused(void **state)
{
    static const struct {
        const char *body, *field, *category;
    } CASES[] = {
        {"{" PERSON ",\"training_type\":\"portrait\",\"trigger_phrase\":\"naked woman\"," LORA "}", "trigger_phrase",
         "nudity"},
        {"{" PERSON ",\"training_type\":\"style\",\"trigger_word\":\"секс\",\"finetune_id\":\"f\"}", "trigger_word",
         "sexual"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = post_with("key-1", CASES[i].body);
        char place[60], category[40];
        (void)snprintf(place, sizeof place, "\"field\":\"%s\"", CASES[i].field);
        (void)snprintf(category, sizeof category, "\"category\":\"%s\"", CASES[i].category);
        assert_non_null(strstr(loopback_body(l), place));
        assert_non_null(strstr(loopback_body(l), category));
        assert_non_null(strstr(loopback_body(l), "\"code\":\"moderated\""));
        assert_false(fake_db_waits());
        check(l, 422, "moderation_blocked");
    }
}

static void takes_only_plain_https_addresses(void **state)
{
    static const char *const WRONG[] = {
        "http://v3.fal.media/x",  "ftp://x/y",          "https://",          "https:///x",     "https://host",
        "javascript:alert(1)",    "https://u:p@host/x", "https://u@host/x",  " https://h/x",   "https://h/x ",
        "https://h:/x",           "https://h:123456/x", "https://h:8a/x",    "https://h:-1/x", "https://h/x#y",
        "https://h/\\u0430",      "https://[::1]/x",    "HTTPS://h/x",       "https://h/a b",  "https://h_x/y",
        "https://h/x\\\"onload=", "https://h?x/",       "https://h.\\\\x/y",
    };
    static const char *const RIGHT[] = {"https://h/", "https://h:443/x", "https://a-b.c9/D_~%2F?e=f&g=h",
                                        "https://v3.fal.media/files/b/x.safetensors"};
    char body[400];

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        (void)snprintf(body, sizeof body, PORTRAIT_WITH("\"diffusers_lora_file_url\":\"%s\""), WRONG[i]);
        assert_string_equal(faults(body), "diffusers_lora_file_url:not_a_url");
    }
    for (size_t i = 0; i < sizeof RIGHT / sizeof *RIGHT; i++) {
        (void)snprintf(body, sizeof body, PORTRAIT_WITH("\"diffusers_lora_file_url\":\"%s\""), RIGHT[i]);
        loopback_close(post(body));
        assert_true(creates());
    }
}

static void lengths_are_counted_in_characters(void **state)
{
    char body[1000], name[300] = "";

    (void)state;
    for (int i = 0; i < 64; i++)
        memcpy(name + strlen(name), "😀", 5);
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"%s\",\"gender\":\"other\",\"training_type\":\"style\","
                   "\"trigger_word\":\"%s\",\"finetune_id\":\"f\"}",
                   name, name);
    loopback_close(post(body));
    assert_true(creates());
    assert_string_equal(fake_db_value(2), name);
    memcpy(name + strlen(name), "x", 2);
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"%s\",\"gender\":\"other\",\"training_type\":\"style\","
                   "\"trigger_word\":\"%s\",\"finetune_id\":\"f\"}",
                   name, name);
    assert_string_equal(faults(body), "name:too_long trigger_word:too_long");
}

static void the_limit_is_a_conflict(void **state)
{
    struct loopback *l = post(PORTRAIT);

    (void)state;
    answer_nothing(21);
    check(l, 409, "limit_reached");
}

/* Idempotency-Key */

static char fingerprint[80];

/* The first request with the key, to its end; returns its body. */
static char *create_with(const char *key, const char *body)
{
    struct loopback *l = post_with(key, body);
    char *answered;

    assert_true(looks_up_the_key());
    answer_nothing(3);
    assert_true(creates());
    (void)snprintf(fingerprint, sizeof fingerprint, "%s", fake_db_value(10));
    answer_avatar(ID, "Anna");
    assert_true(stores());
    answered = strdup(fake_db_value(2));
    assert_false(loopback_answered(l)); /* not before it is kept */
    answer_nothing(0);
    assert_string_equal(loopback_body(l), answered);
    check(l, 201, "");
    return answered;
}

static void a_key_is_looked_up_then_taken_then_answered(void **state)
{
    (void)state;
    free(create_with("key-1", PORTRAIT));
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), "key-1");
    assert_int_equal(strlen(fingerprint), 2 + 64);
}

static void the_same_request_again_gives_the_same_bytes(void **state)
{
    char *first = create_with("key-1", PORTRAIT);
    struct loopback *l = post_with("\"key-1\"", PORTRAIT);

    (void)state;
    assert_string_equal(fake_db_value(1), "key-1"); /* quotes are no part of it */
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, ID, first}));
    assert_string_equal(loopback_body(l), first);
    assert_string_equal(loopback_header(l, "idempotent-replayed", 0), "true");
    assert_string_equal(loopback_header(l, "location", 0), "/api/v1/avatars/" ID);
    check(l, 201, "");
    free(first);
}

static void another_request_with_the_key_is_refused(void **state)
{
    struct loopback *l;

    (void)state;
    free(create_with("key-1", PORTRAIT));
    l = post_with("key-1", STYLE);
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, ID, "{}"}));
    assert_null(loopback_header(l, "idempotent-replayed", 0));
    check(l, 422, "idempotency_key_reused");
}

static void an_answer_that_was_never_kept_is_made_again(void **state)
{
    char *first = create_with("key-1", PORTRAIT);
    struct loopback *l = post_with("key-1", PORTRAIT);

    (void)state;
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, ID, NULL}));
    assert_string_equal(fake_db_value(1), ID);
    answer_avatar(ID, "Anna");
    assert_true(stores());
    answer_nothing(0);
    assert_string_equal(loopback_body(l), first);
    assert_string_equal(loopback_header(l, "idempotent-replayed", 0), "true");
    check(l, 201, "");
    free(first);
}

static void the_loser_of_a_race_gets_the_winners_answer(void **state)
{
    char *first = create_with("key-1", PORTRAIT);
    struct loopback *l = post_with("key-1", PORTRAIT);

    (void)state;
    answer_nothing(3); /* not there yet */
    assert_true(creates());
    answer_nothing(21); /* taken meanwhile */
    assert_true(looks_up_the_key());
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, ID, first}));
    assert_string_equal(loopback_body(l), first);
    check(l, 201, "");
    free(first);
    l = post_with("key-2", PORTRAIT);
    answer_nothing(3);
    answer_nothing(21);
    answer_nothing(3); /* nobody took it: the limit it was */
    check(l, 409, "limit_reached");
}

static void an_avatar_that_was_made_is_answered_though_the_answer_cannot_be_kept(void **state)
{
    struct loopback *l = post_with("key-1", PORTRAIT);

    (void)state;
    answer_nothing(3);
    answer_avatar(ID, "Anna");
    fake_db_fail(ERR_BUSY, "database");
    assert_non_null(strstr(loopback_body(l), "\"id\":\"" ID "\""));
    check(l, 201, "");
}

static void odd_keys_are_refused(void **state)
{
    char long_key[258];

    (void)state;
    memset(long_key, 'k', 256);
    long_key[256] = '\0';
    check(post_with("", PORTRAIT), 400, "idempotency_key_invalid");
    check(post_with("\"\"", PORTRAIT), 400, "idempotency_key_invalid");
    check(post_with("with space", PORTRAIT), 400, "idempotency_key_invalid");
    check(post_with("tab\there", PORTRAIT), 400, "idempotency_key_invalid");
    check(post_with("\xc3\xbcml", PORTRAIT), 400, "idempotency_key_invalid");
    check(post_with("del\x7f", PORTRAIT), 400, "idempotency_key_invalid");
    check(post_with(long_key, PORTRAIT), 400, "idempotency_key_invalid");
    assert_false(fake_db_waits());
    long_key[255] = '\0';
    loopback_close(post_with(long_key, PORTRAIT));
    assert_string_equal(fake_db_value(1), long_key);
}

static void a_refused_body_leaves_the_key_alone(void **state)
{
    (void)state;
    check(post_with("key-1", "{}"), 422, "invalid");
    check(post_with("key-1", "{"), 400, "json_malformed");
    assert_string_equal(fake_db_sql(), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(imports_each_of_the_three_shapes),
        TEST(names_all_faults_at_once),
        TEST(wants_what_the_type_needs_and_nothing_of_the_other),
        TEST(a_trigger_that_may_not_be_asked_for_is_refused),
        TEST(takes_only_plain_https_addresses),
        TEST(lengths_are_counted_in_characters),
        TEST(the_limit_is_a_conflict),
        TEST(a_key_is_looked_up_then_taken_then_answered),
        TEST(the_same_request_again_gives_the_same_bytes),
        TEST(another_request_with_the_key_is_refused),
        TEST(an_answer_that_was_never_kept_is_made_again),
        TEST(the_loser_of_a_race_gets_the_winners_answer),
        TEST(an_avatar_that_was_made_is_answered_though_the_answer_cannot_be_kept),
        TEST(odd_keys_are_refused),
        TEST(a_refused_body_leaves_the_key_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
