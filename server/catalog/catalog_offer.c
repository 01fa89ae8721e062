#include "catalog/catalog_offer.h"

#include <stdio.h>
#include <string.h>

static bool is_trained(const struct avatar_model *model)
{
    return model && (avatar_model_has_lora(model) || avatar_model_has_finetune(model));
}

/* The one that serves it while every endpoint is as one would wish. */
static const struct endpoint *usual(const struct catalog *catalog, const struct avatar_model *model, bool ultra)
{
    enum catalog_route route = ultra ? CATALOG_ULTRA : avatar_model_has_lora(model) ? CATALOG_LORA : CATALOG_FINETUNE;

    return catalog_routed(catalog, route);
}

/* Of a model that is still to come nothing but its kind speaks against anything. */
static const char *reason_of(const struct err *err, bool trained)
{
    return trained || strcmp(err->code, "preset_not_supported") == 0
               ? strcmp(err->code, "endpoint_gone") == 0 ? "endpoint_gone" : "preset_not_supported"
               : NULL;
}

struct preset_offer catalog_offer(const struct catalog *catalog, const struct preset *preset,
                                  const struct avatar_model *model)
{
    bool ultra = preset->settings.use_ultra;
    struct preset_offer offer = {.preset = preset};
    struct err err;

    if (!model)
        return offer;
    if (!catalog_choose_endpoint(catalog, model, ultra, &offer.endpoint, &err)) {
        offer.reason = reason_of(&err, is_trained(model));
        return offer;
    }
    if (offer.endpoint != usual(catalog, model, ultra))
        offer.instead_of = usual(catalog, model, ultra);
    offer.price = offer.endpoint->price;
    offer.settings = catalog_settings_of(catalog, preset, model, offer.endpoint);
    offer.num_images = endpoint_parameter(offer.endpoint, "num_images");
    offer.image_size = endpoint_parameter(offer.endpoint, "image_size");
    offer.aspect_ratio = endpoint_parameter(offer.endpoint, "aspect_ratio");
    return offer;
}

static bool works(const struct catalog *catalog, const struct avatar_model *model, bool ultra)
{
    const struct endpoint *endpoint;
    struct err err;

    return catalog_choose_endpoint(catalog, model, ultra, &endpoint, &err);
}

struct catalog_suggestion catalog_suggest(const struct catalog *catalog, const struct avatar_model *model)
{
    static const struct avatar_model PORTRAIT = {.type = AVATAR_PORTRAIT, .lora_url = "x"};
    static const struct avatar_model STYLE = {.type = AVATAR_STYLE, .lora_url = "x"};
    static const struct avatar_model FINETUNE = {.type = AVATAR_STYLE, .finetune_id = "x"};
    struct catalog_suggestion suggestion = {
        .portrait = works(catalog, &PORTRAIT, false),
        .style = works(catalog, &STYLE, false) || works(catalog, &FINETUNE, false) || works(catalog, &FINETUNE, true)};
    const struct preset *preset;

    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++)
        if (is_trained(model) && works(catalog, model, preset->settings.use_ultra))
            suggestion.presets[suggestion.count++] = preset;
    return suggestion;
}

static void say(char *to, size_t room, const char *words, const char *behind)
{
    size_t used = strlen(to);

    (void)snprintf(to + used, room - used, "%s%s%s", used ? " " : "", words, behind);
}

static void say_presets(const struct catalog_suggestion *suggestion, enum lang lang, char *to, size_t room)
{
    say(to, room, message_title("suggest_presets", lang), "");
    for (int i = 0; i < suggestion->count; i++)
        say(to, room, words_in(&suggestion->presets[i]->title, lang), i + 1 < suggestion->count ? "," : ".");
}

void catalog_suggestion_say(const struct catalog_suggestion *suggestion, enum lang lang, char *to, size_t room)
{
    to[0] = '\0';
    if (suggestion->count)
        say_presets(suggestion, lang, to, room);
    if (suggestion->portrait)
        say(to, room, message_title("suggest_portrait", lang), "");
    if (suggestion->style)
        say(to, room, message_title("suggest_style", lang), "");
    if (!suggestion->portrait && !suggestion->style)
        say(to, room, message_title("suggest_nothing", lang), "");
}

void catalog_suggestion_write(struct json_out *out, const struct catalog_suggestion *suggestion)
{
    json_object(out);
    json_key(out, "presets");
    json_array(out);
    for (int i = 0; i < suggestion->count; i++)
        json_text(out, text_of(suggestion->presets[i]->name));
    json_end_array(out);
    json_key(out, "avatar_types");
    json_array(out);
    if (suggestion->portrait)
        json_text(out, TEXT("portrait"));
    if (suggestion->style)
        json_text(out, TEXT("style"));
    json_end_array(out);
    json_end_object(out);
}
