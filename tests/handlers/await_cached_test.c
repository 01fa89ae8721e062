/* Rows that may come from Redis: what is asked there, what is believed, and what PostgreSQL is asked instead. */
#include "http/await_cached.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "db/rows.h"
#include "http/reply.h"
#include "local.h"
#include "support/fake_db.h"
#include "support/fake_redis.h"
#include "support/loopback.h"
#include "users/caches.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define OTHER "01990000-0000-7000-8000-000000000002"
#define KEY "generation:history:" USER

static struct {
    struct loopback_server *server;
    struct local local;
    struct cache_counts *counts;
    char user[37];
    int64_t version;
    bool refuse; /* what came is not to be kept */
    double age_s;
    char kept[64 * 1024]; /* the entry that was told to Redis */
    size_t kept_len;
} t;

static struct next authenticate(struct call *call)
{
    (void)uuid_read(text_of(t.user), &call->who.user);
    call->who.scopes = SCOPE_READ;
    call->who.history_version = call->who.taste_version = t.version;
    return call_enter(call);
}

static struct next say(struct call *call, const PGresult *rows)
{
    struct row row = rows_at(rows, 0);

    return reply_bytes(call, 200, "text/plain", row_piece(&row));
}

static struct next show(struct call *call)
{
    char path[64] = "asked";
    struct cached cached = cached_history(call, "list", "24 x");
    struct query q = query_read("SELECT one FROM things WHERE user_id = $1 AND word = $2");

    query_add_uuid(&q, call->who.user);
    query_add_text(&q, path); /* gone when PostgreSQL is asked */
    return await_rows_cached(call, &cached, q, say);
}

static struct next show_popular(struct call *call)
{
    struct cached cached = cached_popular_styles("");

    return await_rows_cached(call, &cached, query_read("SELECT popular"), say);
}

static bool follow(struct call *call, const PGresult *rows, struct query *ret)
{
    struct row row = rows_at(rows, 0);

    (void)call;
    *ret = query_read("SELECT more WHERE id = $1");
    query_add_text(ret, row_text(&row));
    return strcmp(PQgetvalue(rows, 0, 0), "alone") != 0;
}

static struct next say_both(struct call *call, const struct cached_pair *pair)
{
    char said[100];

    t.age_s = pair->age_s;
    (void)snprintf(said, sizeof said, "%s %s", PQgetvalue(pair->rows, 0, 0),
                   pair->more ? PQgetvalue(pair->more, 0, 0) : "-");
    return reply_bytes(call, 200, "text/plain", text_of(said));
}

static bool may_keep(const PGresult *rows, const PGresult *more)
{
    (void)rows;
    (void)more;
    return !t.refuse;
}

static struct next show_both(struct call *call)
{
    struct uuid id = {"01990000-0000-7000-8000-0000000000b0"};
    struct cached cached = cached_progress(call, id);

    cached.keep = may_keep;
    return await_pair_cached(call, &cached, query_read("SELECT both"), follow, say_both);
}

static const struct route ROUTES[] = {{"GET", "/one", ACCESS_READ, 0, show},
                                      {"GET", "/popular", ACCESS_READ, 0, show_popular},
                                      {"GET", "/both", ACCESS_READ, 0, show_both},
                                      {0}};
static const struct http_site SITE = {.routes = ROUTES, .authenticate = authenticate};

static int set_up(void **state)
{
    static const struct redis_url NOWHERE;

    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.user, sizeof t.user, "%s", USER);
    t.version = 7;
    t.counts = cache_counts_open();
    t.server = loopback_start(&SITE, &t.local);
    t.local.cache = cache_open(NULL, &NOWHERE, "a secret of at least 32 characters", t.counts);
    fake_db_reset();
    fake_redis_reset(true);
    log_set_level((enum log_level)(LOG_ERROR + 1));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loopback_stop(t.server);
    cache_close(t.local.cache);
    cache_counts_close(t.counts);
    return 0;
}

static struct loopback *get(const char *path)
{
    return loopback_send(t.server, &(struct loopback_message){.method = "GET", .path = path});
}

static PGresult *one(const char *value) { return fake_rows(1, 1, &value); }

static void says(struct loopback *l, const char *text)
{
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(loopback_body(l), text);
    loopback_close(l);
}

static void counted(const char *name, const char *result, int count)
{
    struct buf out = buf_make(1 << 16);
    char line[120];

    cache_write_counts(t.local.cache, &out);
    (void)snprintf(line, sizeof line, "aisha_cache_requests_total{cache=\"%s\",result=\"%s\"} %d\n", name, result,
                   count);
    if (!strstr(out.bytes, line))
        fail_msg("no %s in %s", line, out.bytes);
    buf_done(&out);
}

/* The n-th word of what Redis was told is the entry: remembered as what lies there. */
static struct text keep_told(int n)
{
    struct text word = fake_redis_told_word(n);

    assert_true(word.len <= sizeof t.kept);
    memcpy(t.kept, word.at, t.kept_len = word.len);
    return (struct text){t.kept, t.kept_len};
}

/* What a miss leaves in Redis. */
static struct text fill(const char *path, const char *value, int n)
{
    struct loopback *l = get(path);

    fake_redis_answer(REDIS_ANSWER_NIL, TEXT(""));
    fake_db_answer(one(value));
    says(l, value);
    return keep_told(n);
}

static void a_miss_is_answered_by_postgresql_and_then_kept(void **state)
{
    struct loopback *l = get("/one");

    (void)state;
    assert_string_equal(fake_redis_asked(), "HGET " KEY " list 24 x");
    assert_false(fake_db_waits());
    fake_redis_answer(REDIS_ANSWER_NIL, TEXT(""));
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), "asked");
    assert_int_equal(fake_redis_told(), 0);
    fake_db_answer(one("fresh"));
    says(l, "fresh");
    assert_int_equal(fake_redis_told(), 1);
    assert_memory_equal(fake_redis_last_told(), "EVAL local", 10);
    assert_true(text_equal(fake_redis_told_word(3), TEXT(KEY)));
    assert_true(text_equal(fake_redis_told_word(4), TEXT("list 24 x")));
    assert_true(text_equal(fake_redis_told_word(6), TEXT("3600")));
    counted("history", "miss", 1);
}

static void what_is_there_is_answered_without_postgresql(void **state)
{
    struct text entry = fill("/one", "kept", 5);
    struct loopback *l = get("/one");

    (void)state;
    fake_redis_answer(REDIS_ANSWER_TEXT, entry);
    assert_false(fake_db_waits());
    says(l, "kept");
    assert_int_equal(fake_redis_told(), 1);
    counted("history", "hit", 1);
}

static void what_was_read_under_another_version_is_not_used(void **state)
{
    struct text entry = fill("/one", "old", 5);
    struct loopback *l;

    (void)state;
    for (t.version = 6; t.version <= 8; t.version += 2) {
        l = get("/one");
        fake_redis_answer(REDIS_ANSWER_TEXT, entry);
        fake_db_answer(one("new"));
        says(l, "new");
    }
    counted("history", "miss", 3);
}

static void anothers_entry_is_not_used(void **state)
{
    struct text entry = fill("/one", "mine", 5);
    struct loopback *l;

    (void)state;
    (void)snprintf(t.user, sizeof t.user, "%s", OTHER);
    l = get("/one");
    fake_redis_answer(REDIS_ANSWER_TEXT, entry);
    fake_db_answer(one("theirs"));
    says(l, "theirs");
    counted("history", "failed", 1);
}

static void everything_else_falls_through(void **state)
{
    static const struct {
        enum redis_answer_kind kind;
        const char *text;
    } ODD[] = {{REDIS_ANSWER_NONE, ""},
               {REDIS_ANSWER_REFUSED, "WRONGTYPE"},
               {REDIS_ANSWER_NUMBER, ""},
               {REDIS_ANSWER_TEXT, ""},
               {REDIS_ANSWER_TEXT, "garbage that is long enough to be an entry with a head and a MAC behind it"}};

    (void)state;
    for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++) {
        struct loopback *l = get("/one");
        fake_redis_answer(ODD[i].kind, text_of(ODD[i].text));
        fake_db_answer(one("fresh"));
        says(l, "fresh");
    }
    counted("history", "failed", 5);
}

static void without_redis_postgresql_is_asked_at_once(void **state)
{
    struct loopback *l;

    (void)state;
    fake_redis_reset(false);
    l = get("/one");
    assert_true(fake_db_waits());
    fake_db_answer(one("fresh"));
    says(l, "fresh");
    assert_int_equal(fake_redis_told(), 0);
    counted("history", "off", 1);
}

static void nothing_is_kept_under_a_version_that_is_not_known(void **state)
{
    struct loopback *l;

    (void)state;
    t.version = 0;
    l = get("/one");
    assert_false(fake_redis_waits());
    fake_db_answer(one("fresh"));
    says(l, "fresh");
    assert_int_equal(fake_redis_told(), 0);
}

static void what_everybody_sees_is_kept_for_all(void **state)
{
    struct text entry = fill("/popular", "styles", 2);
    struct loopback *l;

    (void)state;
    assert_memory_equal(fake_redis_last_told(), "SET template:popular ", 21);
    assert_true(text_equal(fake_redis_told_word(4), TEXT("600")));
    t.version = 0;
    (void)snprintf(t.user, sizeof t.user, "%s", OTHER);
    l = get("/popular");
    assert_string_equal(fake_redis_asked(), "GET template:popular");
    fake_redis_answer(REDIS_ANSWER_TEXT, entry);
    says(l, "styles");
}

static void an_error_of_postgresql_answers_and_nothing_is_kept(void **state)
{
    struct loopback *l = get("/one");

    (void)state;
    fake_redis_answer(REDIS_ANSWER_NIL, TEXT(""));
    fake_db_fail(ERR_BUSY, "database");
    assert_int_equal(loopback_status(l), 503);
    loopback_close(l);
    assert_int_equal(fake_redis_told(), 0);
}

static void a_client_that_goes_leaves_nobody_waiting(void **state)
{
    struct loopback *l = get("/one");

    (void)state;
    loopback_close(l);
    assert_int_equal(fake_redis_cancelled(), 1);
    l = get("/one");
    fake_redis_answer(REDIS_ANSWER_NIL, TEXT(""));
    loopback_close(l);
    assert_int_equal(fake_db_cancelled(), 1);
    l = get("/both");
    fake_redis_answer(REDIS_ANSWER_NIL, TEXT(""));
    fake_db_answer(one("first"));
    loopback_close(l);
    assert_int_equal(fake_db_cancelled(), 2);
}

/* Two statements */

static struct text fill_both(void)
{
    struct loopback *l = get("/both");

    assert_string_equal(fake_redis_asked(), "GET generation:progress:01990000-0000-7000-8000-0000000000b0");
    fake_redis_answer(REDIS_ANSWER_NIL, TEXT(""));
    fake_db_answer(one("first"));
    assert_string_equal(fake_db_value(0), "first");
    fake_db_answer(one("second"));
    says(l, "first second");
    return keep_told(2);
}

static void two_statements_are_kept_as_one(void **state)
{
    struct text entry = fill_both();
    struct loopback *l = get("/both");

    (void)state;
    uv_sleep(20);
    fake_redis_answer(REDIS_ANSWER_TEXT, entry);
    says(l, "first second");
    assert_true(t.age_s >= 0.015 && t.age_s < 5);
    counted("progress", "hit", 1);
}

static void a_second_statement_may_not_be_needed(void **state)
{
    struct loopback *l = get("/both");
    struct text entry;

    (void)state;
    fake_redis_answer(REDIS_ANSWER_NIL, TEXT(""));
    fake_db_answer(one("alone"));
    says(l, "alone -");
    entry = keep_told(2);
    l = get("/both");
    fake_redis_answer(REDIS_ANSWER_TEXT, entry);
    says(l, "alone -");
}

static void what_the_step_does_not_want_kept_is_not(void **state)
{
    (void)state;
    t.refuse = true;
    {
        struct loopback *l = get("/both");
        fake_redis_answer(REDIS_ANSWER_NIL, TEXT(""));
        fake_db_answer(one("alone"));
        says(l, "alone -");
    }
    assert_int_equal(fake_redis_told(), 0);
}

/* A thumbnail of theirs goes with its picture. */
static void own_styles_are_of_both_versions(void **state)
{
    static struct call call;

    (void)state;
    call.who.taste_version = 7;
    assert_int_equal(cached_own_styles(&call, "").version, 0); /* without an account nothing is kept */
    call.who.history_version = 5;
    assert_int_equal(cached_own_styles(&call, "").version, 12);
    assert_int_equal(cached_favorites(&call, "").version, 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_miss_is_answered_by_postgresql_and_then_kept),
        TEST(what_is_there_is_answered_without_postgresql),
        TEST(what_was_read_under_another_version_is_not_used),
        TEST(anothers_entry_is_not_used),
        TEST(everything_else_falls_through),
        TEST(without_redis_postgresql_is_asked_at_once),
        TEST(nothing_is_kept_under_a_version_that_is_not_known),
        TEST(what_everybody_sees_is_kept_for_all),
        TEST(an_error_of_postgresql_answers_and_nothing_is_kept),
        TEST(a_client_that_goes_leaves_nobody_waiting),
        TEST(two_statements_are_kept_as_one),
        TEST(a_second_statement_may_not_be_needed),
        TEST(what_the_step_does_not_want_kept_is_not),
        TEST(own_styles_are_of_both_versions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
