/* The statements of avatars and idempotency keys on a real database. */
#include "avatars/avatar_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "avatars/avatar_change.h"
#include "avatars/avatar_import.h"
#include "support/sql.h"

static const struct avatar_import PORTRAIT = {
    .name = "Анна 😀",
    .gender = "female",
    .training_type = "portrait",
    .trigger_phrase = "ANNA woman",
    .diffusers_lora_file_url = "https://v3.fal.media/files/penguin/anna.safetensors",
};
static const struct avatar_import STYLE = {
    .name = "Ink", .gender = "other", .training_type = "style", .trigger_word = "INK", .finetune_id = "ink-1"};
static const struct idempotency NO_KEY;

static struct idempotency key_named(const char *name)
{
    struct idempotency key = {.given = true};

    (void)text_copy(key.key, sizeof key.key, text_of(name));
    crypto_sha256(text_of(name), key.fingerprint);
    return key;
}

static struct avatar only_avatar(struct query q)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(q);

    assert_int_equal(rows_count(rows), 1);
    return avatar_from_row(rows_at(rows, 0));
}

/* In a millisecond of its own: ids are in the order of their making by the millisecond. */
static struct uuid imported(struct uuid user, const struct avatar_import *import)
{
    const struct timespec pause = {.tv_nsec = 1100 * 1000};

    (void)nanosleep(&pause, NULL);
    return only_avatar(avatar_import_insert(user, uuid_make(), import, &NO_KEY, 10)).id;
}

static const char *main_of(struct uuid user)
{
    return sql_value("SELECT string_agg(id::text, ',') FROM avatars WHERE user_id = '%s' AND is_main", user.text);
}

static const char *events_of(struct uuid user, const char *action)
{
    return sql_value("SELECT count(*) FROM events WHERE user_id = '%s' AND payload::json->>'action' = '%s'", user.text,
                     action);
}

static void imports_a_portrait(void **state)
{
    struct uuid user = sql_user("importer"), id = uuid_make();
    struct avatar a = only_avatar(avatar_import_insert(user, id, &PORTRAIT, &NO_KEY, 10));

    (void)state;
    assert_string_equal(a.id.text, id.text);
    assert_string_equal(a.user.text, user.text);
    assert_string_equal(a.name, "Анна 😀");
    assert_string_equal(a.gender, "female");
    assert_int_equal(a.type, AVATAR_PORTRAIT);
    assert_string_equal(a.status, "completed");
    assert_int_equal(a.training_progress, 100);
    assert_string_equal(a.trigger, "ANNA woman");
    assert_string_equal(a.lora_url, PORTRAIT.diffusers_lora_file_url);
    assert_string_equal(a.finetune_id, "");
    assert_false(a.has_default_lora_scale);
    assert_true(a.is_main);
    assert_string_equal(a.created_at, a.completed_at);
    assert_string_equal(only_avatar(avatar_by_id(user, id)).name, a.name);
    assert_string_equal(only_avatar(avatar_main(user)).id.text, id.text);
    assert_string_equal(sql_value("SELECT payload FROM events WHERE ref = '%s' AND kind = 'avatar'"
                                  " AND payload::json->>'status' = 'completed' AND payload::json->>'progress' = '100'",
                                  id.text)[0] == '{'
                            ? "yes"
                            : "no",
                        "yes");
    assert_string_equal(events_of(user, "created"), "1");
}

static void imports_a_style_with_a_finetune(void **state)
{
    struct uuid user = sql_user("stylist");
    struct avatar a = only_avatar(avatar_import_insert(user, uuid_make(), &STYLE, &NO_KEY, 10));

    (void)state;
    assert_int_equal(a.type, AVATAR_STYLE);
    assert_string_equal(a.trigger, "INK");
    assert_string_equal(a.finetune_id, "ink-1");
    assert_string_equal(a.lora_url, "");
}

static void the_first_is_the_main_one(void **state)
{
    struct uuid user = sql_user("mains"), first = imported(user, &PORTRAIT);

    (void)state;
    (void)imported(user, &STYLE);
    assert_string_equal(main_of(user), first.text);
}

static void makes_no_more_than_the_limit(void **state)
{
    struct uuid user = sql_user("limited");

    (void)state;
    assert_int_equal(sql_count(avatar_import_insert(user, uuid_make(), &STYLE, &NO_KEY, 1)), 1);
    assert_int_equal(sql_count(avatar_import_insert(user, uuid_make(), &STYLE, &NO_KEY, 1)), 0);
    PQclear(sql_rows(avatar_change_delete(user, only_avatar(avatar_main(user)).id)));
    assert_int_equal(sql_count(avatar_import_insert(user, uuid_make(), &STYLE, &NO_KEY, 1)), 1);
}

static void takes_a_key_once(void **state)
{
    struct uuid user = sql_user("keys"), other = sql_user("other keys"), id = uuid_make();
    struct idempotency key = key_named("once");
    struct idempotency_kept kept;
    PGresult *rows;

    (void)state;
    assert_int_equal(sql_count(idempotency_find(user, &key)), 0);
    assert_int_equal(sql_count(avatar_import_insert(user, id, &STYLE, &key, 10)), 1);
    assert_int_equal(sql_count(avatar_import_insert(user, uuid_make(), &STYLE, &key, 10)), 0);
    assert_int_equal(sql_count(avatar_import_insert(other, uuid_make(), &STYLE, &key, 10)), 1);
    rows = sql_rows(idempotency_find(user, &key));
    assert_int_equal(idempotency_match(rows, &key, &kept), IDEMPOTENCY_REPLAY);
    assert_string_equal(kept.ref.text, id.text);
    assert_null(kept.response.at);
    PQclear(rows);
    PQclear(sql_rows(idempotency_store(user, &key, "{\"first\":1}")));
    PQclear(sql_rows(idempotency_store(user, &key, "{\"second\":2}")));
    rows = sql_rows(idempotency_find(user, &key));
    assert_int_equal(idempotency_match(rows, &key, &kept), IDEMPOTENCY_REPLAY);
    assert_true(text_equal(kept.response, TEXT("{\"first\":1}")));
    key.fingerprint[31] ^= 1;
    assert_int_equal(idempotency_match(rows, &key, &kept), IDEMPOTENCY_REUSED);
    PQclear(rows);
}

static void a_full_list_leaves_the_key_free(void **state)
{
    struct uuid user = sql_user("full");
    struct idempotency key = key_named("full");

    (void)state;
    assert_int_equal(sql_count(avatar_import_insert(user, uuid_make(), &STYLE, &key, 0)), 0);
    assert_int_equal(sql_count(idempotency_find(user, &key)), 0);
}

static void changes_only_what_is_given(void **state)
{
    struct uuid user = sql_user("changer"), id = imported(user, &PORTRAIT);
    struct avatar_change scale = {.has_default_lora_scale = true, .default_lora_scale = 1.25};
    struct avatar_change name = {.has_name = true, .name = "Новое имя"}, none = {.no_default_lora_scale = true};
    struct avatar a = only_avatar(avatar_change_update(user, id, &scale));

    (void)state;
    assert_string_equal(a.name, PORTRAIT.name);
    assert_true(a.has_default_lora_scale && a.default_lora_scale == 1.25);
    a = only_avatar(avatar_change_update(user, id, &name));
    assert_string_equal(a.name, "Новое имя");
    assert_true(a.has_default_lora_scale && a.is_main);
    a = only_avatar(avatar_change_update(user, id, &none));
    assert_false(a.has_default_lora_scale);
    assert_string_equal(a.name, "Новое имя");
    assert_string_equal(events_of(user, "updated"), "3");
}

static void another_can_become_the_main_one(void **state)
{
    struct uuid user = sql_user("switcher"), first = imported(user, &PORTRAIT), second = imported(user, &STYLE);
    struct avatar_change change = {.has_is_main = true,
                                   .is_main = true,
                                   .has_name = true,
                                   .name = "Main",
                                   .has_default_lora_scale = true,
                                   .default_lora_scale = 0.5};
    struct avatar a = only_avatar(avatar_change_update(user, second, &change));

    (void)state;
    assert_true(a.is_main && a.default_lora_scale == 0.5);
    assert_string_equal(a.name, "Main");
    assert_string_equal(main_of(user), second.text);
    assert_string_equal(events_of(user, "updated"), "2"); /* the one before has changed, too */
    assert_int_equal(sql_count(avatar_change_update(user, second, &change)), 1);
    assert_string_equal(main_of(user), second.text);
    (void)only_avatar(avatar_change_update(user, first, &change));
    assert_string_equal(main_of(user), first.text);
}

static void an_unready_one_does_not_become_the_main_one(void **state)
{
    struct uuid user = sql_user("unready"), first = imported(user, &PORTRAIT), draft = imported(user, &STYLE);
    struct avatar_change change = {.has_is_main = true, .is_main = true, .has_name = true, .name = "Draft"};
    char sql[180];

    (void)state;
    (void)snprintf(sql, sizeof sql, "UPDATE avatars SET status = 'draft', finetune_id = NULL WHERE id = '%s'",
                   draft.text);
    sql_do(sql);
    assert_int_equal(sql_count(avatar_change_update(user, draft, &change)), 0);
    assert_string_equal(main_of(user), first.text);
    assert_string_equal(only_avatar(avatar_by_id(user, draft)).name, "Ink");
}

static void every_change_has_a_version_and_an_event_that_says_it(void **state)
{
    struct uuid user = sql_user("versions"), id = imported(user, &PORTRAIT);
    struct avatar_change change = {.has_name = true, .name = "Another"};

    (void)state;
    assert_int_equal(sql_count(avatar_change_update(user, id, &change)), 1);
    (void)imported(user, &STYLE);
    assert_int_equal(sql_count(avatar_change_delete(user, id)), 1);
    assert_string_equal(sql_value("SELECT version FROM avatars WHERE id = '%s'", id.text), "3");
    assert_string_equal(sql_value("SELECT string_agg((payload::json->>'action') || (payload::json->>'version'), ' '"
                                  " ORDER BY id) FROM events WHERE ref = '%s'",
                                  id.text),
                        "created1 updated2 deleted3");
}

static void the_newest_completed_one_takes_the_place_of_a_deleted_main_one(void **state)
{
    struct uuid user = sql_user("heirs"), first = imported(user, &PORTRAIT), second = imported(user, &STYLE),
                third = imported(user, &STYLE), fourth = imported(user, &STYLE);
    char sql[180];

    (void)state;
    (void)snprintf(sql, sizeof sql, "UPDATE avatars SET status = 'training', finetune_id = NULL WHERE id = '%s'",
                   fourth.text);
    sql_do(sql);
    assert_int_equal(sql_count(avatar_change_delete(user, first)), 1);
    assert_string_equal(main_of(user), third.text);
    assert_string_equal(events_of(user, "deleted"), "1");
    assert_string_equal(events_of(user, "updated"), "2"); /* the training, whoever began it, and the heir */
    assert_int_equal(sql_count(avatar_change_delete(user, second)), 1); /* not the main one: no heir */
    assert_string_equal(main_of(user), third.text);
    assert_string_equal(events_of(user, "updated"), "2");
    assert_int_equal(sql_count(avatar_change_delete(user, third)), 1);
    assert_string_equal(main_of(user), "");
    assert_int_equal(sql_count(avatar_change_delete(user, third)), 0);
}

static void a_deleted_one_is_nowhere(void **state)
{
    struct uuid user = sql_user("deleter"), id = imported(user, &PORTRAIT);
    struct avatar_change name = {.has_name = true, .name = "N"}, main_one = {.has_is_main = true, .is_main = true};

    (void)state;
    assert_int_equal(sql_count(avatar_change_delete(user, id)), 1);
    assert_int_equal(sql_count(avatar_by_id(user, id)), 0);
    assert_int_equal(sql_count(avatar_main(user)), 0);
    assert_int_equal(sql_count(avatars_of(user, (struct uuid){""}, 10)), 0);
    assert_int_equal(sql_count(avatar_change_update(user, id, &name)), 0);
    assert_int_equal(sql_count(avatar_change_update(user, id, &main_one)), 0);
    assert_string_equal(only_avatar(avatar_even_deleted(user, id)).lora_url, PORTRAIT.diffusers_lora_file_url);
}

static void one_in_use_is_not_deleted(void **state)
{
    struct uuid user = sql_user("busy"), id = imported(user, &PORTRAIT), generation = uuid_make();
    char sql[600];

    (void)state;
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds)"
        " VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 1)",
        generation.text, user.text, id.text);
    sql_do(sql);
    assert_int_equal(sql_count(avatar_change_delete(user, id)), 0);
    assert_string_equal(main_of(user), id.text);
    sql_do("UPDATE generations SET status = 'completed', finished_at = now()");
    assert_int_equal(sql_count(avatar_change_delete(user, id)), 1);
}

static void nothing_of_another_user_is_reached(void **state)
{
    struct uuid user = sql_user("owner"), id = imported(user, &PORTRAIT), other = sql_user("other");
    struct avatar_change name = {.has_name = true, .name = "N"}, main_one = {.has_is_main = true, .is_main = true};

    (void)state;
    assert_int_equal(sql_count(avatar_by_id(other, id)), 0);
    assert_int_equal(sql_count(avatar_even_deleted(other, id)), 0);
    assert_int_equal(sql_count(avatar_main(other)), 0);
    assert_int_equal(sql_count(avatars_of(other, (struct uuid){""}, 10)), 0);
    assert_int_equal(sql_count(avatar_change_update(other, id, &name)), 0);
    assert_int_equal(sql_count(avatar_change_update(other, id, &main_one)), 0);
    assert_int_equal(sql_count(avatar_change_delete(other, id)), 0);
    assert_string_equal(only_avatar(avatar_by_id(user, id)).name, PORTRAIT.name);
    assert_string_equal(main_of(user), id.text);
}

static void pages_run_from_the_newest_to_the_oldest(void **state)
{
    struct uuid user = sql_user("pages"), ids[5], after = {""};

    (void)state;
    for (int i = 0; i < 5; i++)
        ids[i] = imported(user, &STYLE);
    for (int i = 4; i >= 0; i--) {
        PGresult *rows = sql_rows(avatars_of(user, after, 2));
        assert_int_equal(rows_count(rows), i ? 2 : 1);
        after = avatar_from_row(rows_at(rows, 0)).id;
        assert_string_equal(after.text, ids[i].text);
        PQclear(rows);
    }
}

static void the_demo_is_made_once(void **state)
{
    struct uuid user = sql_user("demo");
    struct avatar_demo first, again;
    struct avatar_change name = {.has_name = true, .name = "Renamed"};
    struct err err;

    (void)state;
    assert_true(avatar_command_demo(sql_pg(), user, &first, &err));
    (void)only_avatar(avatar_change_update(user, first.portrait, &name));
    assert_true(avatar_command_demo(sql_pg(), user, &again, &err));
    assert_string_equal(first.portrait.text, again.portrait.text);
    assert_string_equal(first.style.text, again.style.text);
    assert_string_equal(main_of(user), first.portrait.text);
    assert_true(*only_avatar(avatar_by_id(user, first.style)).finetune_id != '\0');
    PQclear(sql_rows(avatar_change_delete(user, first.style)));
    assert_true(avatar_command_demo(sql_pg(), user, &again, &err));
    assert_string_not_equal(first.style.text, again.style.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_a_portrait),
        cmocka_unit_test(imports_a_style_with_a_finetune),
        cmocka_unit_test(the_first_is_the_main_one),
        cmocka_unit_test(makes_no_more_than_the_limit),
        cmocka_unit_test(takes_a_key_once),
        cmocka_unit_test(a_full_list_leaves_the_key_free),
        cmocka_unit_test(changes_only_what_is_given),
        cmocka_unit_test(another_can_become_the_main_one),
        cmocka_unit_test(an_unready_one_does_not_become_the_main_one),
        cmocka_unit_test(every_change_has_a_version_and_an_event_that_says_it),
        cmocka_unit_test(the_newest_completed_one_takes_the_place_of_a_deleted_main_one),
        cmocka_unit_test(a_deleted_one_is_nowhere),
        cmocka_unit_test(one_in_use_is_not_deleted),
        cmocka_unit_test(nothing_of_another_user_is_reached),
        cmocka_unit_test(pages_run_from_the_newest_to_the_oldest),
        cmocka_unit_test(the_demo_is_made_once),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
