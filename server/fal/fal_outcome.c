#include "fal/fal_outcome.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "json/json_in.h"

const char *fal_failure_code(enum fal_failure failure)
{
    switch (failure) {
    case FAL_NO_FAILURE: return NULL;
    case FAL_MODERATION_BLOCKED: return "moderation_blocked";
    case FAL_PROVIDER_VALIDATION: return "provider_validation";
    case FAL_PROVIDER_UNAVAILABLE: return "provider_unavailable";
    case FAL_PROVIDER_TIMEOUT: return "provider_timeout";
    case FAL_RESULT_MISSING: return "result_missing";
    case FAL_ENDPOINT_GONE: return "endpoint_gone";
    }
    return NULL;
}

static bool copy_member(yajl_val object, const char *name, char *to, size_t room)
{
    const char *value = json_get_text(object, name);

    to[0] = '\0';
    return value && *value && text_copy(to, room, text_of(value));
}

static int pixels(yajl_val image, const char *name)
{
    int64_t value = json_get_int64(image, name, 0);

    return value > 0 && value <= 65535 ? (int)value : 0;
}

static bool read_image(yajl_val value, struct fal_image *ret)
{
    if (!copy_member(value, "url", ret->url, sizeof ret->url))
        return false;
    (void)copy_member(value, "content_type", ret->content_type, sizeof ret->content_type);
    ret->width = pixels(value, "width");
    ret->height = pixels(value, "height");
    return true;
}

static void read_images(yajl_val output, struct fal_outcome *ret)
{
    yajl_val images = json_get(output, "images");
    yajl_val flags = json_get(output, "has_nsfw_concepts");
    size_t count = YAJL_IS_ARRAY(images) ? YAJL_GET_ARRAY(images)->len : 0;
    size_t flag_count = YAJL_IS_ARRAY(flags) ? YAJL_GET_ARRAY(flags)->len : 0;

    for (size_t i = 0; i < count && ret->image_count < FAL_IMAGES_MAX; i++) {
        struct fal_image *image = &ret->images[ret->image_count];
        *image = (struct fal_image){.nsfw = i < flag_count && YAJL_IS_TRUE(YAJL_GET_ARRAY(flags)->values[i])};
        ret->image_count += read_image(YAJL_GET_ARRAY(images)->values[i], image);
    }
}

void fal_outcome_read_output(yajl_val output, struct fal_outcome *ret)
{
    bool trained;

    *ret = (struct fal_outcome){0};
    read_images(output, ret);
    ret->has_seed = json_get_uint64(output, "seed", &ret->seed);
    trained = copy_member(json_get(output, "diffusers_lora_file"), "url", ret->lora_url, sizeof ret->lora_url);
    (void)copy_member(json_get(output, "config_file"), "url", ret->config_url, sizeof ret->config_url);
    if (copy_member(output, "finetune_id", ret->finetune_id, sizeof ret->finetune_id))
        trained = true;
    if (!trained && ret->image_count == 0)
        ret->failure = FAL_RESULT_MISSING;
}

/* Their error types that are not simply "the input is wrong". */
static const struct {
    const char *type;
    enum fal_failure failure;
} TYPES[] = {
    {"content_policy_violation", FAL_MODERATION_BLOCKED},
    {"no_media_generated", FAL_RESULT_MISSING},
    {"internal_server_error", FAL_PROVIDER_UNAVAILABLE},
    {"downstream_service_error", FAL_PROVIDER_UNAVAILABLE},
    {"downstream_service_unavailable", FAL_PROVIDER_UNAVAILABLE},
    {"generation_timeout", FAL_PROVIDER_TIMEOUT},
    {"request_timeout", FAL_PROVIDER_TIMEOUT},
    {"startup_timeout", FAL_PROVIDER_TIMEOUT},
    {"runner_scheduling_failure", FAL_PROVIDER_UNAVAILABLE},
    {"runner_connection_timeout", FAL_PROVIDER_UNAVAILABLE},
    {"runner_disconnected", FAL_PROVIDER_UNAVAILABLE},
    {"runner_connection_refused", FAL_PROVIDER_UNAVAILABLE},
    {"runner_connection_error", FAL_PROVIDER_UNAVAILABLE},
    {"runner_incomplete_response", FAL_PROVIDER_UNAVAILABLE},
    {"runner_server_error", FAL_PROVIDER_UNAVAILABLE},
    {"internal_error", FAL_PROVIDER_UNAVAILABLE},
    {"client_disconnected", FAL_PROVIDER_UNAVAILABLE},
    {"client_cancelled", FAL_PROVIDER_UNAVAILABLE},
    {"bad_request", FAL_PROVIDER_VALIDATION},
};

static enum fal_failure failure_of_status(int status)
{
    switch (status) {
    case 404:
    case 410: return FAL_RESULT_MISSING;
    case 408:
    case 504: return FAL_PROVIDER_TIMEOUT;
    case 499: return FAL_PROVIDER_UNAVAILABLE;
    default: return status >= 400 && status < 500 ? FAL_PROVIDER_VALIDATION : FAL_PROVIDER_UNAVAILABLE;
    }
}

static enum fal_failure failure_of_type(const char *type, enum fal_failure otherwise)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(TYPES[i].type, type) == 0)
            return TYPES[i].failure;
    return otherwise;
}

/* "Application "x" not found", "Path /y not found": of a request that is not known they say it in another way. */
static bool names_no_endpoint(const char *detail, int status)
{
    static const char END[] = " not found";
    struct text t = text_of(detail ? detail : "");

    return (status == 404 || status == 410) &&
           (text_starts(t, TEXT("Application ")) || text_starts(t, TEXT("Path "))) && t.len > sizeof END &&
           strcmp(t.at + t.len - (sizeof END - 1), END) == 0;
}

/* Their word, when it is a word: it goes into logs and rows. */
static bool keep_type(struct fal_outcome *ret, const char *type)
{
    static const char WORD[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

    return type && *type && strspn(type, WORD) == strlen(type) &&
           text_copy(ret->provider_type, sizeof ret->provider_type, text_of(type));
}

void fal_outcome_read_error(yajl_val body, int status, const char *header_type, struct fal_outcome *ret)
{
    yajl_val detail = json_get(body, "detail");
    enum fal_failure by_status = failure_of_status(status);

    *ret = (struct fal_outcome){0};
    if (names_no_endpoint(json_get_text(body, "detail"), status))
        by_status = FAL_ENDPOINT_GONE;
    if (YAJL_IS_ARRAY(detail) && YAJL_GET_ARRAY(detail)->len &&
        keep_type(ret, json_get_text(YAJL_GET_ARRAY(detail)->values[0], "type")))
        ret->failure = failure_of_type(ret->provider_type, status >= 500 ? by_status : FAL_PROVIDER_VALIDATION);
    else if (keep_type(ret, json_get_text(body, "error_type")) || keep_type(ret, header_type))
        ret->failure = failure_of_type(ret->provider_type, by_status);
    else {
        ret->failure = by_status;
        (void)snprintf(ret->provider_type, sizeof ret->provider_type, "http_%d", status);
    }
}
