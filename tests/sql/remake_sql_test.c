/* What things come from, as the database says it: the origin of a remake, the descent of a picture, the picture that is
   sent along with an attempt. */
#include "generations/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gallery/image.h"
#include "gallery/image_detail.h"
#include "generations/descent.h"
#include "support/attempt_scene.h"
#include "support/sql.h"

static struct uuid other, picture;

/* A picture of the scene's generation. */
static struct uuid make_picture(int position, const char *more)
{
    struct uuid id = uuid_make();
    char sql[900];

    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content) VALUES ('%s',"
        " '%s', '%s', %d, '%s', '2026/11/20/%s.jpg', 'image/jpeg', 640, 480, 9, '', '', 'p', 'fast', 'e', 7,"
        " false); UPDATE images SET id = id %s WHERE id = '%s'",
        id.text, scene.user.text, scene.generation.text, position, scene.avatar.text, id.text, more, id.text);
    sql_do(sql);
    return id;
}

static int open_all(void **state)
{
    int status = scene_open(state);

    if (status == 0)
        other = sql_user("Somebody else");
    return status;
}

static int set_up(void **state)
{
    (void)state;
    scene_play("pending/none");
    picture = make_picture(0, "");
    return 0;
}

static void change(const char *what)
{
    char sql[400];

    (void)snprintf(sql, sizeof sql, "UPDATE images SET %s WHERE id = '%s'", what, picture.text);
    sql_do(sql);
}

static void set(const char *what)
{
    char sql[400];

    (void)snprintf(sql, sizeof sql, "UPDATE generations SET %s WHERE id = '%s'", what, scene.generation.text);
    sql_do(sql);
}

static void start_from_picture(void)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql, "source_image_id = '%s', parent_image_id = '%s'", picture.text, picture.text);
    set(sql);
}

/* The attempt */

static struct attempt loaded(PGresult **rows)
{
    *rows = sql_rows(attempt_load(scene.generation));
    return attempt_from_row(rows_at(*rows, 0));
}

static void an_attempt_knows_the_picture_only_while_it_may_be_sent(void **state)
{
    static const char *const GONE[] = {"deleted_at = now()", "has_nsfw_content = true"},
                             *const BACK[] = {"deleted_at = NULL", "has_nsfw_content = false"};
    struct attempt a;
    PGresult *rows;
    char key[100];

    (void)state;
    a = loaded(&rows);
    assert_false(a.has_source);
    assert_null(a.source_key);
    PQclear(rows);
    start_from_picture();
    (void)snprintf(key, sizeof key, "2026/11/20/%s.jpg", picture.text);
    for (int i = 0; i < 2; i++) {
        a = loaded(&rows);
        assert_true(a.has_source);
        assert_string_equal(a.source_key, key);
        assert_string_equal(a.source_type, "image/jpeg");
        assert_null(a.source_url);
        PQclear(rows);
        change(GONE[i]);
        a = loaded(&rows);
        assert_true(a.has_source);
        assert_null(a.source_key);
        PQclear(rows);
        change(BACK[i]);
    }
    sql_do("DELETE FROM images");
    a = loaded(&rows);
    assert_true(a.has_source && !a.source_key);
    PQclear(rows);
}

static void the_pictures_address_is_written_by_who_holds_a_pending_one(void **state)
{
    struct job lost;

    (void)state;
    start_from_picture();
    lost = scene.job;
    lost.epoch--;
    assert_int_equal(sql_count(attempt_source(&lost, "https://x/lost")), 0);
    assert_int_equal(sql_count(attempt_source(&scene.job, "https://x/1")), 1);
    assert_int_equal(sql_count(attempt_source(&scene.job, "https://x/2")), 1);
    assert_string_equal(scene_of_generation("source_url"), "https://x/2");
    scene_play("submitting/sending");
    assert_int_equal(sql_count(attempt_source(&scene.job, "https://x/3")), 0);
}

/* The origin */

static struct origin origin(PGresult **rows, struct query q)
{
    *rows = sql_rows(q);
    assert_int_equal(rows_count(*rows), 1);
    return origin_from_row(rows_at(*rows, 0));
}

static void the_origin_of_a_picture_is_its_generation_and_itself(void **state)
{
    struct origin o;
    PGresult *rows;

    (void)state;
    set("seed = 18446744073709551615, wanted_seed = 5, parameters = '{\"strength\":0.25,\"lora_scale\":1}',"
        " template_id = 'a_style'");
    o = origin(&rows, origin_of_image(scene.user, picture));
    assert_string_equal(o.generation.text, scene.generation.text);
    assert_string_equal(o.avatar.text, scene.avatar.text);
    assert_string_equal(o.image.text, picture.text);
    assert_int_equal(o.width, 640);
    assert_int_equal(o.height, 480);
    assert_string_equal(o.seed, "18446744073709551615");
    assert_string_equal(o.wanted_seed, "5");
    assert_string_equal(o.template_id, "a_style");
    assert_true(o.source.has_strength && o.source.strength == 0.25 && !o.source.has_image_prompt_strength);
    assert_false(o.image_deleted || o.image_hidden || o.avatar_deleted || o.has_source);
    PQclear(rows);
    change("deleted_at = now(), has_nsfw_content = true");
    o = origin(&rows, origin_of_image(scene.user, picture));
    assert_true(o.image_deleted && o.image_hidden);
    PQclear(rows);
    assert_int_equal(sql_count(origin_of_image(other, picture)), 0);
    assert_int_equal(sql_count(origin_of_generation(other, scene.generation)), 0);
}

static void the_origin_of_a_generation_knows_whether_its_picture_may_be_sent_again(void **state)
{
    struct origin o;
    PGresult *rows;

    (void)state;
    start_from_picture();
    o = origin(&rows, origin_of_generation(scene.user, scene.generation));
    assert_string_equal(o.image.text, "");
    assert_string_equal(o.source_image.text, picture.text);
    assert_true(o.has_source && o.source.width == 640 && o.source.height == 480);
    PQclear(rows);
    change("deleted_at = now()");
    o = origin(&rows, origin_of_generation(scene.user, scene.generation));
    assert_string_equal(o.source_image.text, picture.text);
    assert_false(o.has_source);
    PQclear(rows);
}

/* The descent */

static void check_descent(bool shown, bool hidden, bool repeat)
{
    PGresult *rows = sql_rows(descent_of(scene.user, scene.generation));
    struct descent d;

    assert_int_equal(rows_count(rows), 1);
    d = descent_from_row(rows_at(rows, 0));
    assert_string_equal(d.parent.text, picture.text);
    assert_int_equal(d.object_key.at != NULL, shown);
    assert_int_equal(d.is_hidden, hidden);
    assert_int_equal(d.is_repeat, repeat);
    PQclear(rows);
}

static void a_descent_shows_the_parent_as_far_as_it_may(void **state)
{
    char sql[100];

    (void)state;
    assert_int_equal(sql_count(descent_of(scene.user, scene.generation)), 0);
    start_from_picture();
    assert_int_equal(sql_count(descent_of(other, scene.generation)), 0);
    check_descent(true, false, false);
    set("wanted_seed = 7"); /* the picture's: but it starts from the picture */
    check_descent(true, false, false);
    (void)snprintf(sql, sizeof sql, "source_image_id = '%s'", uuid_make().text);
    set(sql);
    check_descent(true, false, true);
    set("source_image_id = NULL");
    check_descent(true, false, true);
    set("wanted_seed = 8");
    check_descent(true, false, false);
    change("has_nsfw_content = true");
    check_descent(false, true, false);
    change("deleted_at = now()");
    check_descent(false, false, false);
    sql_do("DELETE FROM images");
    check_descent(false, false, false);
}

static void children_are_counted_and_listed_without_the_trash_and_other_peoples(void **state)
{
    struct uuid child, hidden;
    struct image_detail detail;
    char more[100];
    PGresult *rows;

    (void)state;
    (void)snprintf(more, sizeof more, ", parent_image_id = '%s'", picture.text);
    child = make_picture(1, more);
    (void)snprintf(more, sizeof more, ", parent_image_id = '%s', deleted_at = now()", picture.text);
    (void)make_picture(2, more);
    (void)snprintf(more, sizeof more, ", parent_image_id = '%s', has_nsfw_content = true", picture.text);
    hidden = make_picture(3, more);
    rows = sql_rows(images_of_parent(scene.user, picture, 12));
    assert_int_equal(rows_count(rows), 2);
    assert_true(text_equal(image_from_row(rows_at(rows, 0)).id, text_of(hidden.text)));
    assert_true(text_equal(image_from_row(rows_at(rows, 1)).id, text_of(child.text)));
    assert_true(text_equal(image_from_row(rows_at(rows, 1)).parent, text_of(picture.text)));
    PQclear(rows);
    assert_int_equal(sql_count(images_of_parent(other, picture, 12)), 0);
    rows = sql_rows(image_detail_by_id(scene.user, picture, false, "UTC"));
    detail = image_detail_from_row(rows_at(rows, 0));
    assert_int_equal(detail.children, 2);
    assert_null(detail.image.parent.at);
    assert_true(detail.avatar_has_finetune || detail.avatar_has_lora);
    PQclear(rows);
    sql_do("DELETE FROM images");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_attempt_knows_the_picture_only_while_it_may_be_sent, set_up),
        cmocka_unit_test_setup(the_pictures_address_is_written_by_who_holds_a_pending_one, set_up),
        cmocka_unit_test_setup(the_origin_of_a_picture_is_its_generation_and_itself, set_up),
        cmocka_unit_test_setup(the_origin_of_a_generation_knows_whether_its_picture_may_be_sent_again, set_up),
        cmocka_unit_test_setup(a_descent_shows_the_parent_as_far_as_it_may, set_up),
        cmocka_unit_test_setup(children_are_counted_and_listed_without_the_trash_and_other_peoples, set_up),
    };

    return cmocka_run_group_tests(tests, open_all, sql_close);
}
