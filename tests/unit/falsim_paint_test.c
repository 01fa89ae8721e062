#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "falsim/paint.h"
#include "falsim/paint_mood.h"

static struct buf painted(struct paint_order order)
{
    struct buf ret = buf_make(PAINT_MAX_BYTES);
    struct err err;

    assert_true(paint(&order, &ret, &err));
    return ret;
}

static struct text text_from(const struct buf *b) { return (struct text){b->bytes, b->len}; }

static struct mood mood_from(const char *prompt)
{
    struct dice dice = dice_make(1, TEXT(""), 0);

    return mood_of(text_of(prompt), &dice);
}

static void reads_the_mood_from_english_and_russian_words(void **state)
{
    (void)state;
    assert_int_equal(mood_from("A castle on a hill").place, PLACE_CASTLE);
    assert_int_equal(mood_from("ЗАМОК на холме").place, PLACE_CASTLE);
    assert_int_equal(mood_from("Закат, море").light, LIGHT_SUNSET);
    assert_int_equal(mood_from("Закат, море").place, PLACE_SEA);
    assert_int_equal(mood_from("portrait in all seasons, seated").place, PLACE_STUDIO); /* no sea in it */
    assert_int_equal(mood_from("cyberpunk").place, PLACE_CITY);
    assert_int_equal(mood_from("cyberpunk").light, LIGHT_NEON);
    assert_int_equal(mood_from("Зимний лес").weather, WEATHER_SNOW);
    assert_true(mood_from("Портрет девушки").figure);
    assert_int_equal(mood_from("Портрет девушки").hair, HAIR_LONG);
    assert_int_equal(mood_from("TOK man, business suit").dress, DRESS_SUIT);
    assert_false(mood_from("empty mountains").figure);
    assert_int_equal(mood_from("man in a knitted sweater, cosy coffee shop").place, PLACE_ROOM);
    assert_int_equal(mood_from("man in a knitted sweater, cosy coffee shop").dress, DRESS_SWEATER);
    assert_int_equal(mood_from("a man in a modern boardroom").place, PLACE_OFFICE);
    assert_int_equal(mood_from("a bard in a medieval tavern").place, PLACE_ROOM); /* a roof before a time */
    assert_int_equal(mood_from("королева на троне").place, PLACE_HALL);
    assert_int_equal(mood_from("woman in an emerald gown").cloth, 0x1f6b52);
    assert_int_equal(mood_from("карандашный набросок").manner, MANNER_PENCIL);
    assert_int_equal(mood_from("loose watercolour portrait").manner, MANNER_WATER);
    assert_true(mood_from("a dragon by a campfire").extras == (EXTRA_DRAGON | EXTRA_FIRE));
}

static void draws_every_size_exactly(void **state)
{
    static const int SIZES[][2] = {{1, 1}, {7, 300}, {300, 7}, {256, 256}, {1000, 333}, {1536, 2752}};

    (void)state;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
        for (int png = 0; png < 2; png++) {
            struct buf b = painted((struct paint_order){
                .seed = 1, .prompt = TEXT("лес & <море>"), .width = SIZES[i][0], .height = SIZES[i][1], .png = png});
            int width, height;
            assert_true(paint_measure(text_from(&b), &width, &height));
            assert_int_equal(width, SIZES[i][0]);
            assert_int_equal(height, SIZES[i][1]);
            buf_done(&b);
        }
}

static void draws_every_place_light_and_dress(void **state)
{
    static const char *const PROMPTS[] = {"mountains day",
                                          "sea at night",
                                          "forest in autumn",
                                          "city, sunset",
                                          "castle, fog",
                                          "studio, suit",
                                          "desert dawn",
                                          "space astronaut",
                                          "garden, spring",
                                          "abstract",
                                          "neon rain",
                                          "winter king",
                                          "wizard with a hood",
                                          "superhero cape",
                                          "lake, snow",
                                          "boardroom, suit",
                                          "library, tweed",
                                          "gala, gown",
                                          "stage, headset",
                                          "laboratory, coat",
                                          "deco, top-hat",
                                          "kitchen sweater",
                                          "knight in armour",
                                          "elf with a leaf",
                                          "king with a crown, throne",
                                          "graphite",
                                          "watercolour",
                                          "pop-art halftone",
                                          "oil, impasto",
                                          "double exposure of a man, forest",
                                          "high-key woman",
                                          "noir man",
                                          "cyborg implants",
                                          "glasses, hoodie",
                                          "dragon, campfire, autumn, carpet",
                                          "женщина на пляже",
                                          "мужчина, офис",
                                          "принцесса, дракон",
                                          "космос, звёзды",
                                          ""};

    (void)state;
    for (size_t i = 0; i < sizeof PROMPTS / sizeof *PROMPTS; i++) {
        struct buf b = painted((struct paint_order){
            .seed = i, .prompt = text_of(PROMPTS[i]), .width = 200, .height = 240, .index = (int)i});
        assert_true(b.len > 2000); /* not one flat colour */
        buf_done(&b);
    }
}

static void repeats_an_order_byte_for_byte(void **state)
{
    struct paint_order order = {.seed = 17454220438242315174u, .prompt = TEXT("sunset"), .width = 320, .height = 240};
    struct buf a = painted(order), b = painted(order), c;

    (void)state;
    assert_true(text_equal(text_from(&a), text_from(&b)));
    order.index = 1;
    c = painted(order);
    assert_false(text_equal(text_from(&a), text_from(&c)));
    buf_done(&a);
    buf_done(&b);
    buf_done(&c);
}

static void draws_black_when_told_so(void **state)
{
    struct paint_order order = {.seed = 1, .prompt = TEXT("sunset"), .width = 640, .height = 480, .black = true};
    struct buf black = painted(order), picture;

    (void)state;
    order.black = false;
    picture = painted(order);
    assert_true(black.len * 4 < picture.len);
    buf_done(&black);
    buf_done(&picture);
}

static void keeps_of_a_source_what_it_is_told(void **state)
{
    struct buf source = painted((struct paint_order){.seed = 1, .prompt = TEXT("desert"), .width = 200, .height = 100});
    struct paint_order order = {.seed = 2, .prompt = TEXT("night"), .width = 320, .height = 240};
    struct buf without = painted(order), with;

    (void)state;
    order.source = text_from(&source);
    order.keep = 0.5;
    with = painted(order);
    assert_false(text_equal(text_from(&with), text_from(&without)));
    buf_done(&source);
    buf_done(&with);
    buf_done(&without);
}

static void refuses_a_source_that_is_no_picture(void **state)
{
    struct paint_order order = {
        .seed = 2, .prompt = TEXT("x"), .width = 32, .height = 24, .source = TEXT("no picture")};
    struct buf ret = buf_make(1 << 20);
    struct err err;
    int width, height;

    (void)state;
    assert_false(paint(&order, &ret, &err));
    assert_false(paint_measure(order.source, &width, &height));
    buf_done(&ret);
}

static int open_paint(void **state)
{
    struct err err;

    (void)state;
    return paint_open("falsim_paint_test", &err) ? 0 : -1;
}

static int close_paint(void **state)
{
    (void)state;
    paint_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_mood_from_english_and_russian_words),
        cmocka_unit_test(draws_every_size_exactly),
        cmocka_unit_test(draws_every_place_light_and_dress),
        cmocka_unit_test(repeats_an_order_byte_for_byte),
        cmocka_unit_test(draws_black_when_told_so),
        cmocka_unit_test(keeps_of_a_source_what_it_is_told),
        cmocka_unit_test(refuses_a_source_that_is_no_picture),
    };

    return cmocka_run_group_tests(tests, open_paint, close_paint);
}
