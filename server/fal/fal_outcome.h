#pragma once
/* What came of a job: images or a trained model, or why not. The same for a fetched result and for a webhook. */
#include <stdbool.h>
#include <stdint.h>
#include <yajl/yajl_tree.h>

enum { FAL_IMAGES_MAX = 4, FAL_MEDIA_URL_ROOM = 1024 };

enum fal_failure {
    FAL_NO_FAILURE = 0,
    FAL_MODERATION_BLOCKED,   /* their content check */
    FAL_PROVIDER_VALIDATION,  /* they refused the input; sending it again is useless */
    FAL_PROVIDER_UNAVAILABLE, /* their runner failed; provider_type is "client_cancelled" when it obeyed a cancel */
    FAL_PROVIDER_TIMEOUT,
    FAL_RESULT_MISSING, /* expired, or an answer without anything in it */
    FAL_ENDPOINT_GONE,  /* they have no such application, or it has no such path (any more) */
};

/* "moderation_blocked", ... ; NULL for FAL_NO_FAILURE. */
const char *fal_failure_code(enum fal_failure failure);

struct fal_image {
    char url[FAL_MEDIA_URL_ROOM]; /* of a stranger: see fal_download */
    int width, height;            /* pixels as they say; 0: not said */
    char content_type[40];        /* as they say; "": not said */
    bool nsfw;                    /* their check flagged it; the picture is then usually black */
};

struct fal_outcome {
    enum fal_failure failure;
    char provider_type[64]; /* of a failure: their word for it, or "http_STATUS"; letters, digits, "_.-" only */
    int image_count;
    struct fal_image images[FAL_IMAGES_MAX]; /* further ones are dropped */
    bool has_seed;
    uint64_t seed;                                                     /* uses all 64 bits */
    char lora_url[FAL_MEDIA_URL_ROOM], config_url[FAL_MEDIA_URL_ROOM]; /* of a LoRA training; "": none */
    char finetune_id[64];                                              /* of a finetune training; "": none */
};

/* Reads a model's output. Nothing usable in it is FAL_RESULT_MISSING. */
void fal_outcome_read_output(yajl_val output, struct fal_outcome *ret);

/* Reads an error body of either shape: "detail" as a list (the model's) or as a text with "error_type" beside it (the
   infrastructure's, header_type being the same word from its header, or ""). What users typed and the body echoes is
   not kept. status decides when the words are unknown. */
void fal_outcome_read_error(yajl_val body, int status, const char *header_type, struct fal_outcome *ret);
