#include "styles/own_style_wish.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "moderation/moderation.h"

static bool has_control(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            return true;
    return false;
}

static bool has_tag(const struct own_style_tags *tags, const char *tag)
{
    for (int i = 0; i < tags->count; i++)
        if (strcmp(tags->at[i], tag) == 0)
            return true;
    return false;
}

static void add_tag(struct own_style_tags *tags, struct text tag, const char *field, struct faults *faults)
{
    char *to = tags->at[tags->count];

    if (tags->count == STYLE_TAGS_MAX)
        (void)faults_add_range(faults, field, "too_many_items", 0, STYLE_TAGS_MAX);
    else if (text_code_points(tag) > OWN_STYLE_TAG_MAX || !text_copy(to, sizeof tags->at[0], tag))
        (void)faults_add_range(faults, field, "too_long", 1, OWN_STYLE_TAG_MAX);
    else if (text_is_blank(tag))
        (void)faults_add(faults, field, "blank");
    else if (has_control(to))
        (void)faults_add(faults, field, "bad_text");
    else if (!has_tag(tags, to))
        tags->count++;
}

static void read_tags(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct own_style_tags *tags = at;
    char place[sizeof faults->items[0].field];

    tags->count = 0;
    if (!YAJL_IS_ARRAY(value)) {
        (void)faults_add(faults, field, "not_an_array");
        return;
    }
    if (YAJL_GET_ARRAY(value)->len > STYLE_TAGS_MAX) {
        (void)faults_add_range(faults, field, "too_many_items", 0, STYLE_TAGS_MAX);
        return;
    }
    for (size_t i = 0; i < YAJL_GET_ARRAY(value)->len; i++) {
        const char *tag = YAJL_GET_STRING(YAJL_GET_ARRAY(value)->values[i]);
        (void)snprintf(place, sizeof place, "%.32s[%zu]", field, i);
        if (tag)
            add_tag(tags, text_of(tag), place, faults);
        else
            (void)faults_add(faults, place, "not_a_string");
    }
}

void own_style_wish_read_tags(const char *typed, struct own_style_tags *ret, const char *field, struct faults *faults)
{
    struct text rest = text_of(typed);
    int before = faults->count;

    ret->count = 0;
    while (rest.len && faults->count == before) {
        struct text tag = text_trim(text_cut(&rest, ','));
        if (!text_is_blank(tag))
            add_tag(ret, tag, field, faults);
    }
}

#define TITLE_FIELD                                                                                                    \
    JSON_FIELD(JSON_TEXT, struct own_style_wish, title, .min = 1, .max = OWN_STYLE_TITLE_MAX, .optional = true,        \
               .present = offsetof(struct own_style_wish, has_title))
#define PROMPT_FIELD                                                                                                   \
    JSON_FIELD(JSON_TEXT, struct own_style_wish, prompt, .min = 1, .max = STYLE_PROMPT_MAX, .optional = true,          \
               .present = offsetof(struct own_style_wish, has_prompt))
#define PRESET_FIELD                                                                                                   \
    JSON_FIELD(JSON_TEXT, struct own_style_wish, preset, .min = 1, .max = 23, .optional = true,                        \
               .present = offsetof(struct own_style_wish, has_preset))
#define TAGS_FIELD                                                                                                     \
    JSON_FIELD(JSON_CUSTOM, struct own_style_wish, tags, .custom = read_tags, .optional = true,                        \
               .present = offsetof(struct own_style_wish, has_tags))

const struct json_field OWN_STYLE_WISH_FIELDS[] = {
    TITLE_FIELD,
    PROMPT_FIELD,
    PRESET_FIELD,
    TAGS_FIELD,
    JSON_FIELD(JSON_UUID, struct own_style_wish, image_id, .optional = true),
    {0},
};

const struct json_field OWN_STYLE_CHANGE_FIELDS[] = {TITLE_FIELD, PROMPT_FIELD, PRESET_FIELD, TAGS_FIELD, {0}};

static void check_preset(const char *name, const struct catalog *catalog, struct faults *faults)
{
    CLEANUP(buf_done) struct buf names = buf_make(sizeof faults->items[0].what - 1);
    const struct preset *preset;

    if (!*name || faults_have(faults, "preset") || catalog_preset(catalog, name))
        return;
    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++)
        (void)buf_add_format(&names, "%s%s", i ? ", " : "", preset->name);
    (void)faults_add_what(faults, "preset", "not_one_of", (struct text){names.bytes, names.len});
}

static void check(const struct own_style_wish *wish, const struct catalog *catalog, struct faults *faults)
{
    if (*wish->title && text_is_blank(text_of(wish->title)))
        (void)faults_add(faults, "title", "blank");
    else if (has_control(wish->title))
        (void)faults_add(faults, "title", "bad_text");
    if (*wish->prompt && text_is_blank(text_of(wish->prompt)))
        (void)faults_add(faults, "prompt", "blank");
    check_preset(wish->preset, catalog, faults);
}

void own_style_wish_check_new(const struct own_style_wish *wish, const struct catalog *catalog, struct faults *faults)
{
    if (!*wish->title && !faults_have(faults, "title"))
        (void)faults_add(faults, "title", "required");
    if (!*wish->prompt && !*wish->image_id.text && !faults_have(faults, "prompt") && !faults_have(faults, "image_id"))
        (void)faults_add(faults, "prompt", "required");
    check(wish, catalog, faults);
}

void own_style_wish_check_change(const struct own_style_wish *wish, const struct catalog *catalog,
                                 struct faults *faults)
{
    check(wish, catalog, faults);
    if (!faults->count && !wish->has_title && !wish->has_prompt && !wish->has_preset && !wish->has_tags)
        (void)faults_add(faults, "", "nothing_to_change");
}

bool own_style_wish_passes(const struct own_style_wish *wish, const struct moderation *moderation,
                           struct moderation_verdict *ret, const char **ret_field)
{
    *ret_field = "title";
    if (*wish->title && !moderation_passes(moderation, text_of(wish->title), ret))
        return false;
    *ret_field = "prompt";
    if (*wish->prompt && !moderation_passes(moderation, text_of(wish->prompt), ret))
        return false;
    *ret_field = "tags";
    for (int i = 0; i < wish->tags.count; i++)
        if (!moderation_passes(moderation, text_of(wish->tags.at[i]), ret))
            return false;
    return true;
}
