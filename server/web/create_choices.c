#include "web/create_choices.h"

#include <stdio.h>
#include <string.h>

#include "avatars/avatar.h"
#include "generations/shape.h"
#include "local.h"
#include "web/page.h"

static const struct view_field AVATAR_FIELDS[] = {
    {.name = "id", .kind = VIEW_CHARS, .offset = offsetof(struct avatar_choice, id)},
    VIEW_FIELD(VIEW_STRING, struct avatar_choice, name),
    VIEW_FIELD(VIEW_TEXT, struct avatar_choice, letter),
    VIEW_FIELD(VIEW_BOOL, struct avatar_choice, is_main),
    VIEW_FIELD(VIEW_BOOL, struct avatar_choice, is_style),
    VIEW_FIELD(VIEW_BOOL, struct avatar_choice, checked),
    VIEW_FIELD(VIEW_BOOL, struct avatar_choice, disabled),
    VIEW_FIELD(VIEW_BOOL, struct avatar_choice, is_training),
    VIEW_FIELD(VIEW_BOOL, struct avatar_choice, is_draft),
    VIEW_FIELD(VIEW_BOOL, struct avatar_choice, is_broken),
    VIEW_FIELD(VIEW_INT64, struct avatar_choice, training_progress),
    VIEW_FIELD(VIEW_STRING, struct avatar_choice, why),
    VIEW_FIELD(VIEW_INT64, struct avatar_choice, credits),
    VIEW_FIELD(VIEW_BOOL, struct avatar_choice, has_ultra),
    VIEW_FIELD(VIEW_INT64, struct avatar_choice, ultra_credits),
    {0},
};
const struct view_type avatar_choice_type = VIEW_TYPE(struct avatar_choice, AVATAR_FIELDS);

static const struct view_field PRESET_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct preset_choice, name),
    VIEW_FIELD(VIEW_STRING, struct preset_choice, title),
    VIEW_FIELD(VIEW_STRING, struct preset_choice, description),
    VIEW_FIELD(VIEW_INT64, struct preset_choice, min_seconds),
    VIEW_FIELD(VIEW_INT64, struct preset_choice, max_seconds),
    VIEW_FIELD(VIEW_CHARS, struct preset_choice, shape),
    VIEW_FIELD(VIEW_BOOL, struct preset_choice, is_ultra),
    VIEW_FIELD(VIEW_BOOL, struct preset_choice, checked),
    VIEW_FIELD(VIEW_BOOL, struct preset_choice, disabled),
    {0},
};
const struct view_type preset_choice_type = VIEW_TYPE(struct preset_choice, PRESET_FIELDS);

static const struct view_field SIZE_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct size_choice, value),
    VIEW_FIELD(VIEW_STRING, struct size_choice, title),
    VIEW_FIELD(VIEW_CHARS, struct size_choice, shape),
    VIEW_FIELD(VIEW_BOOL, struct size_choice, selected),
    {0},
};
const struct view_type size_choice_type = VIEW_TYPE(struct size_choice, SIZE_FIELDS);

static const struct view_field COUNT_FIELDS[] = {
    VIEW_FIELD(VIEW_INT64, struct count_choice, number),
    VIEW_FIELD(VIEW_BOOL, struct count_choice, checked),
    {0},
};
const struct view_type count_choice_type = VIEW_TYPE(struct count_choice, COUNT_FIELDS);

static const struct view_field EXAMPLE_FIELDS[] = {
    VIEW_FIELD(VIEW_INT64, struct example_choice, number),
    VIEW_FIELD(VIEW_STRING, struct example_choice, text),
    VIEW_FIELD(VIEW_CHARS, struct example_choice, example_url),
    {0},
};
const struct view_type example_choice_type = VIEW_TYPE(struct example_choice, EXAMPLE_FIELDS);

/* Avatars */

static struct text first_character(const char *name)
{
    struct text whole = text_of(name);
    size_t len = whole.len > 0;

    while (len < whole.len && ((unsigned char)name[len] & 0xc0) == 0x80)
        len++;
    return (struct text){name, len};
}

/* "The model is no longer served": the first half of a refusal's text. */
static const char *short_reason(struct call *call, const char *code)
{
    struct text advice;

    return call_text(call, message_parts(code, call->lang, &advice));
}

static void fill_prices(struct call *call, const struct avatar_model *model, struct avatar_choice *to)
{
    const struct catalog *catalog = local_of(call)->catalog;
    const struct endpoint *endpoint = NULL;
    struct err err;

    if (catalog_choose_endpoint(catalog, model, false, &endpoint, &err))
        to->credits = endpoint->price;
    else
        to->why = short_reason(call, err.code);
    to->has_ultra = catalog_choose_endpoint(catalog, model, true, &endpoint, &err);
    if (to->has_ultra)
        to->ultra_credits = endpoint->price;
}

static void fill_avatar(struct call *call, const PGresult *rows, int index, struct avatar_choice *to)
{
    const struct avatar avatar = avatar_from_row(rows_at(rows, index));
    const struct avatar_model model = avatar_model_of(&avatar);
    char *name = call_alloc(call, sizeof avatar.name);

    memcpy(name, avatar.name, sizeof avatar.name);
    *to = (struct avatar_choice){.id = avatar.id,
                                 .name = name,
                                 .letter = first_character(name),
                                 .is_main = avatar.is_main,
                                 .is_style = avatar.type == AVATAR_STYLE,
                                 .training_progress = avatar.training_progress,
                                 .is_training = strcmp(avatar.status, "training") == 0,
                                 .is_draft = strcmp(avatar.status, "draft") == 0,
                                 .is_broken = strcmp(avatar.status, "error") == 0};
    if (avatar_is_ready(&avatar))
        fill_prices(call, &model, to);
    to->disabled = to->why || !avatar_is_ready(&avatar);
}

static void move_main_first(struct avatar_choice *choices, int count)
{
    for (int i = 1; i < count; i++)
        if (choices[i].is_main) {
            struct avatar_choice main = choices[i];
            memmove(choices + 1, choices, (size_t)i * sizeof *choices);
            choices[0] = main;
            return;
        }
}

/* The main one is the first: it wins where the wanted one is not there, or not ready. */
static void check_one(struct avatar_choice *choices, int count, struct uuid wanted)
{
    struct avatar_choice *chosen = NULL;

    for (int i = 0; i < count; i++)
        if (!choices[i].disabled && (!chosen || strcmp(choices[i].id.text, wanted.text) == 0))
            chosen = &choices[i];
    if (chosen)
        chosen->checked = true;
}

struct view_items create_avatars(struct call *call, const PGresult *rows, struct uuid wanted)
{
    int count = rows_count(rows) < CREATE_AVATARS_MAX ? rows_count(rows) : CREATE_AVATARS_MAX;
    struct avatar_choice *choices = call_alloc(call, (size_t)(count + 1) * sizeof *choices);

    for (int i = 0; i < count; i++)
        fill_avatar(call, rows, i, &choices[i]);
    move_main_first(choices, count);
    check_one(choices, count, wanted);
    return (struct view_items){choices, (size_t)count};
}

const struct avatar_choice *create_avatar_checked(struct view_items avatars)
{
    const struct avatar_choice *choices = avatars.at;

    for (size_t i = 0; i < avatars.count; i++)
        if (choices[i].checked)
            return &choices[i];
    return NULL;
}

/* Presets */

static void fill_preset(const struct call *call, const struct preset *preset, const struct avatar_choice *avatar,
                        struct preset_choice *to)
{
    struct shape shape = shape_of_preset(local_of(call)->catalog, preset);

    *to = (struct preset_choice){.name = preset->name,
                                 .title = words_in(&preset->title, call->lang),
                                 .description = words_in(&preset->description, call->lang),
                                 .min_seconds = preset->expected_seconds.min,
                                 .max_seconds = preset->expected_seconds.max,
                                 .is_ultra = preset->settings.use_ultra};
    to->disabled = to->is_ultra && avatar && !avatar->has_ultra;
    shape_words(&shape, to->shape, sizeof to->shape);
}

/* What is wanted is checked also when it cannot be had: the page then says why. */
struct view_items create_presets(struct call *call, const char *wanted, const struct avatar_choice *avatar)
{
    enum { MOST = 24 };
    const struct catalog *catalog = local_of(call)->catalog;
    const struct preset *preset = catalog_preset(catalog, wanted), *at;
    struct preset_choice *choices = call_alloc(call, MOST * sizeof *choices);
    int count = 0;

    if (!preset && !(preset = catalog_preset(catalog, call->who.default_preset)))
        preset = catalog_default_preset(catalog);
    for (; count < MOST && (at = catalog_preset_at(catalog, count)); count++) {
        fill_preset(call, at, avatar, &choices[count]);
        choices[count].checked = at == preset;
    }
    return (struct view_items){choices, (size_t)count};
}

const struct preset_choice *create_preset_checked(struct view_items presets)
{
    const struct preset_choice *choices = presets.at;

    for (size_t i = 0; i < presets.count; i++)
        if (choices[i].checked)
            return &choices[i];
    return NULL;
}

/* Sizes */

struct view_items create_sizes(struct call *call, const char *wanted)
{
    enum { MOST = 24 };
    const struct catalog *catalog = local_of(call)->catalog;
    struct size_choice *choices = call_alloc(call, MOST * sizeof *choices);
    const struct image_size *at;
    int count = 0;

    for (; count < MOST && (at = catalog_image_size_at(catalog, count)); count++) {
        const struct shape shape = {.width = at->width, .height = at->height};
        choices[count] =
            (struct size_choice){at->name, words_in(&at->title, call->lang), "", strcmp(at->name, wanted) == 0};
        shape_words(&shape, choices[count].shape, sizeof choices[count].shape);
    }
    return (struct view_items){choices, (size_t)count};
}

struct view_items create_ratios(struct call *call, const char *wanted)
{
    enum { MOST = 16 };
    const struct catalog *catalog = local_of(call)->catalog;
    struct size_choice *choices = call_alloc(call, MOST * sizeof *choices);
    const char *at;
    int count = 0;

    for (; count < MOST && (at = catalog_aspect_ratio_at(catalog, count)); count++)
        choices[count] = (struct size_choice){at, at, "", strcmp(at, wanted) == 0};
    return (struct view_items){choices, (size_t)count};
}

struct view_items create_own_size(struct call *call, const char *wanted)
{
    const struct catalog *catalog = local_of(call)->catalog;
    struct size_choice *choice = call_alloc(call, sizeof *choice);

    if (!*wanted || catalog_image_size(catalog, wanted) || catalog_has_aspect_ratio(catalog, wanted))
        return (struct view_items){NULL, 0};
    *choice = (struct size_choice){.value = wanted, .title = wanted, .selected = true};
    return (struct view_items){choice, 1};
}

struct view_items create_counts(struct call *call, int64_t wanted)
{
    struct count_choice *choices = call_alloc(call, CREATE_IMAGES_MAX * sizeof *choices);

    for (int i = 0; i < CREATE_IMAGES_MAX; i++)
        choices[i] = (struct count_choice){i + 1, i + 1 == wanted};
    return (struct view_items){choices, CREATE_IMAGES_MAX};
}

/* Examples */

const char *create_example(const struct call *call, int64_t number)
{
    static const char *const KEYS[CREATE_EXAMPLES] = {"create.example_1", "create.example_2", "create.example_3",
                                                      "create.example_4", "create.example_5", "create.example_6"};

    return number >= 1 && number <= CREATE_EXAMPLES ? page_text(call, KEYS[number - 1]) : NULL;
}

struct view_items create_examples(struct call *call, const struct create_form *form)
{
    struct example_choice *choices = call_alloc(call, CREATE_EXAMPLES * sizeof *choices);
    char preset[3 * sizeof form->preset], size[3 * sizeof form->size];

    (void)text_percent_encode(text_of(form->preset), preset, sizeof preset);
    (void)text_percent_encode(text_of(form->size), size, sizeof size);
    for (int i = 0; i < CREATE_EXAMPLES; i++) {
        char *to = choices[i].example_url;
        choices[i].number = i + 1;
        choices[i].text = create_example(call, i + 1);
        (void)snprintf(to, sizeof choices[i].example_url, "/create?example=%d%s%s%s%s%s%s", i + 1,
                       *form->avatar_id.text ? "&avatar=" : "", form->avatar_id.text, *preset ? "&preset=" : "", preset,
                       *size ? "&size=" : "", size);
    }
    return (struct view_items){choices, CREATE_EXAMPLES};
}
