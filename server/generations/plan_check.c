#include "generations/plan_check.h"

#include <stdio.h>
#include <string.h>

#include "catalog/safety.h"
#include "generations/plan_source.h"
#include "generations/prompt.h"

static bool given(const char *text) { return text && *text; }
static bool is_custom(const struct plan_size *size) { return size->width || size->height; }

static void check_prompt(struct text prompt, struct faults *faults)
{
    if (!prompt.at)
        return;
    if (!text_is_utf8(prompt))
        (void)faults_add(faults, "prompt", "bad_text");
    else if (text_is_blank(prompt))
        (void)faults_add(faults, "prompt", prompt.len ? "blank" : "empty");
    else if (text_code_points(prompt) > PLAN_PROMPT_MAX)
        (void)faults_add_range(faults, "prompt", "too_long", 1, PLAN_PROMPT_MAX);
}

/* The names that would have been right, as far as they fit. */
struct names {
    char list[sizeof((struct fault *)0)->what];
    size_t len;
};

static void add_name(struct names *names, const char *name)
{
    size_t room = sizeof names->list - names->len;
    int len = snprintf(names->list + names->len, room, "%s%s", names->len ? ", " : "", name);

    if (len > 0 && (size_t)len < room)
        names->len += (size_t)len;
    names->list[names->len] = '\0';
}

static const struct preset *check_preset(const struct catalog *catalog, const char *name, struct faults *faults)
{
    const struct preset *preset = given(name) ? catalog_preset(catalog, name) : catalog_default_preset(catalog);
    struct names names = {0};

    if (preset)
        return preset;
    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++)
        add_name(&names, preset->name);
    (void)faults_add_what(faults, "preset", "not_one_of", text_of(names.list));
    return NULL;
}

static void check_ratio(const struct catalog *catalog, const char *ratio, struct faults *faults)
{
    struct names names = {0};
    const char *name;

    if (!given(ratio) || catalog_has_aspect_ratio(catalog, ratio))
        return;
    for (int i = 0; (name = catalog_aspect_ratio_at(catalog, i)); i++)
        add_name(&names, name);
    (void)faults_add_what(faults, "aspect_ratio", "not_one_of", text_of(names.list));
}

static void check_size_name(const struct catalog *catalog, const char *name, struct faults *faults)
{
    const struct image_size *size;
    struct names names = {0};

    if (!*name || catalog_image_size(catalog, name))
        return;
    for (int i = 0; (size = catalog_image_size_at(catalog, i)); i++)
        add_name(&names, size->name);
    (void)faults_add_what(faults, "image_size", "not_one_of", text_of(names.list));
}

static void check_custom_size(const struct catalog *catalog, const struct plan_size *size, struct faults *faults)
{
    struct span range = catalog_custom_size(catalog);

    if (!is_custom(size))
        return;
    if (size->width < range.min || size->width > range.max)
        (void)faults_add_range(faults, "image_size.width", "out_of_range", range.min, range.max);
    if (size->height < range.min || size->height > range.max)
        (void)faults_add_range(faults, "image_size.height", "out_of_range", range.min, range.max);
}

const struct preset *plan_check_request(const struct catalog *catalog, const struct plan_request *request,
                                        struct faults *faults)
{
    check_prompt(request->prompt, faults);
    check_ratio(catalog, request->aspect_ratio, faults);
    check_size_name(catalog, request->size.name, faults);
    check_custom_size(catalog, &request->size, faults);
    if (!request->model)
        (void)catalog_check_settings(catalog, &request->overrides, "overrides.", faults);
    if (given(request->aspect_ratio) && (*request->size.name || is_custom(&request->size)))
        (void)faults_add_what(faults, "aspect_ratio", "exclusive", TEXT("image_size"));
    return check_preset(catalog, request->preset, faults);
}

/* True also when there is nothing to accept. */
static bool accepts(const struct endpoint *endpoint, const char *name, bool wanted, struct faults *faults)
{
    return !wanted || endpoint_parameter(endpoint, name) ||
           faults_add_what(faults, name, "not_accepted_here", text_of(endpoint->id));
}

/* How lenient it may be is the preset's to say, not the endpoint's. */
static void check_overrides(const struct plan_request *request, const struct preset *preset,
                            const struct endpoint *endpoint, struct faults *faults)
{
    struct settings overrides = request->overrides;

    if (overrides.given.safety_tolerance && endpoint_parameter(endpoint, "safety_tolerance")) {
        (void)safety_check(preset, endpoint, overrides.safety_tolerance, "overrides.safety_tolerance", faults);
        overrides.given.safety_tolerance = false;
    }
    (void)settings_check(&overrides, endpoint, "overrides.", faults);
}

bool plan_check_endpoint(const struct plan_request *request, const struct preset *preset,
                         const struct endpoint *endpoint, struct faults *faults)
{
    int before = faults->count;

    if (!request->kept) {
        (void)accepts(endpoint, "image_size", *request->size.name || is_custom(&request->size), faults);
        (void)accepts(endpoint, "aspect_ratio", given(request->aspect_ratio), faults);
    }
    if (request->source)
        (void)plan_source_check(request->source, endpoint, faults);
    if (request->num_images)
        (void)parameter_check_number(endpoint_parameter(endpoint, "num_images"), (double)request->num_images,
                                     "num_images", faults);
    check_overrides(request, preset, endpoint, faults);
    return faults->count == before;
}
