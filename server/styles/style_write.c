#include "styles/style_write.h"

#include <stdio.h>
#include <string.h>

#include "avatars/avatar.h"
#include "gallery/image_address.h"
#include "view/bundle.h"

enum { PATH_ROOM = 160 };

bool style_preview_path(const struct style *style, char *to, size_t room)
{
    char file[PATH_ROOM];

    (void)snprintf(file, sizeof file, "styles/%s.webp", style->id);
    return bundle_find(text_of(file)) && (size_t)snprintf(to, room, "/static/%s/%s", bundle_version(), file) < room;
}

/* An own style's words are in whatever language they are. */
static void write_same(struct json_out *out, const char *key, const char *text)
{
    json_key(out, key);
    json_object(out);
    json_key_text(out, "ru", text);
    json_key_text(out, "en", text);
    json_end_object(out);
}

static void write_tags(struct json_out *out, const struct style *style)
{
    json_key(out, "tags");
    json_object(out);
    for (int lang = LANG_RU; lang <= LANG_EN; lang++) {
        json_key(out, lang_name((enum lang)lang));
        json_array(out);
        for (int i = 0; i < style->tags.count; i++)
            json_text(out, text_of(words_in(&style->tags.at[i]->title, (enum lang)lang)));
        json_end_array(out);
    }
    json_end_object(out);
}

static void write_own_tags(struct json_out *out, const struct own_style_tags *tags)
{
    json_key(out, "tags");
    json_object(out);
    for (int lang = LANG_RU; lang <= LANG_EN; lang++) {
        json_key(out, lang_name((enum lang)lang));
        json_array(out);
        for (int i = 0; i < tags->count; i++)
            json_text(out, text_of(tags->at[i]));
        json_end_array(out);
    }
    json_end_object(out);
}

static void write_choice(struct json_out *out, const struct style_choice *choice)
{
    json_object(out);
    json_key_text(out, "name", choice->name);
    words_write(out, "title", &choice->title);
    json_key_text(out, "default", choice->options.at[0].value);
    json_key(out, "options");
    json_array(out);
    for (int i = 0; i < choice->options.count; i++) {
        json_object(out);
        json_key_text(out, "value", choice->options.at[i].value);
        words_write(out, "title", &choice->options.at[i].title);
        json_end_object(out);
    }
    json_end_array(out);
    json_end_object(out);
}

static void write_choices(struct json_out *out, const struct style *style)
{
    json_key(out, "choices");
    json_array(out);
    for (int i = 0; style && i < style->choices.count; i++)
        write_choice(out, &style->choices.at[i]);
    json_end_array(out);
}

static struct style_wearer wearer_of(const struct avatar *avatar)
{
    return (struct style_wearer){avatar->type, avatar->gender};
}

static void write_prompt(struct json_out *out, const struct buf *prompt)
{
    json_key(out, "prompt");
    if (prompt->len)
        json_text(out, (struct text){prompt->bytes, prompt->len});
    else
        json_null(out);
}

/* Can the avatar be drawn with that preset at all? null: no avatar was named. */
static void write_supported(struct json_out *out, const struct style_shown *shown, const char *name)
{
    const struct preset *preset = catalog_preset(shown->catalog, name);
    struct avatar_model model;
    const struct endpoint *endpoint;
    struct err err = {0};

    if (!shown->avatar) {
        json_key_null(out, "supported");
        return;
    }
    model = avatar_model_of(shown->avatar);
    json_key_bool(out, "supported",
                  preset &&
                      (catalog_choose_endpoint(shown->catalog, &model, preset->settings.use_ultra, &endpoint, &err) ||
                       strcmp(err.code, "preset_not_supported") != 0));
}

static void write_preview(struct json_out *out, const struct style_shown *shown, const struct style *style)
{
    char path[PATH_ROOM], url[PATH_ROOM + 600];

    if (!style_preview_path(style, path, sizeof path)) {
        json_key_null(out, "preview_url");
        return;
    }
    (void)snprintf(url, sizeof url, "%s%s", shown->public_url, path);
    json_key_text(out, "preview_url", url);
}

static void write_shipped_prompt(struct json_out *out, const struct style_shown *shown, const struct style *style)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(4 * STYLE_PROMPT_MAX);
    struct faults faults = {0};

    if (shown->avatar) {
        struct style_wearer wearer = wearer_of(shown->avatar);
        (void)style_prompt_write(style, style_variant(style, shown->user), &wearer, shown->chosen, &prompt, &faults);
    }
    write_prompt(out, &prompt);
    json_key_null(out, "prompt_template");
}

void style_write(struct json_out *out, const struct style_shown *shown, const struct style *style)
{
    json_key_text(out, "id", style->id);
    json_key_text(out, "kind", "shipped");
    json_key_text(out, "category", style->group->category->id);
    json_key_text(out, "subcategory", style->group->id);
    json_key_text(out, "emoji", style->group->emoji);
    words_write(out, "title", &style->title);
    words_write(out, "description", &style->description);
    json_key_text(out, "preset", style->preset);
    write_tags(out, style);
    json_key_bool(out, "quick", style->quick);
    write_choices(out, style);
    write_preview(out, shown, style);
    json_key_null(out, "image_id");
    json_key_bool(out, "is_favorite", style_favorites_have(shown->favorites, style->id));
    write_supported(out, shown, style->preset);
    write_shipped_prompt(out, shown, style);
    json_key_null(out, "created_at");
    json_key_null(out, "updated_at");
}

static void write_own_preview(struct json_out *out, const struct style_shown *shown, const struct own_style *style)
{
    char to[OBJECT_LINK_ROOM];

    if (!style->preview_key.len) {
        json_key_null(out, "preview_url");
        return;
    }
    (void)image_address_write(&shown->links, style->preview_key, IMAGE_FILE_SMALL, to);
    json_key_text(out, "preview_url", to);
}

static void write_own_prompt(struct json_out *out, const struct style_shown *shown, const struct own_style *style)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(4 * STYLE_PROMPT_MAX);

    if (shown->avatar) {
        struct style_wearer wearer = wearer_of(shown->avatar);
        (void)style_own_prompt_write(text_of(style->prompt), &wearer, &prompt);
    }
    write_prompt(out, &prompt);
    json_key_text(out, "prompt_template", style->prompt);
}

void style_write_own(struct json_out *out, const struct style_shown *shown, const struct own_style *style)
{
    json_key_text(out, "id", style->id.text);
    json_key_text(out, "kind", "own");
    json_key_text(out, "category", STYLES_OWN_CATEGORY);
    json_key_null(out, "subcategory");
    json_key_text(out, "emoji", STYLE_OWN_EMOJI);
    write_same(out, "title", style->title);
    json_key_null(out, "description");
    json_key_text(out, "preset", style->preset);
    write_own_tags(out, &style->tags);
    json_key_bool(out, "quick", false);
    write_choices(out, NULL);
    write_own_preview(out, shown, style);
    json_key_text(out, "image_id", *style->image_id.text ? style->image_id.text : NULL);
    json_key_bool(out, "is_favorite", style_favorites_have(shown->favorites, style->id.text));
    write_supported(out, shown, style->preset);
    write_own_prompt(out, shown, style);
    json_key_text(out, "created_at", style->created_at);
    json_key_text(out, "updated_at", style->updated_at);
}
