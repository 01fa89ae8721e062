#pragma once
/* An avatar on a card and on a page of its own. */
#include "avatars/avatar_shown.h"
#include "http/call.h"
#include "view/value.h"

struct avatar_view {
    const char *id, *name, *letter, *created_at, *created, *trigger;
    bool is_portrait, is_style, is_main, is_busy;
    bool is_completed, is_training, is_draft, is_error; /* exactly one */
    bool is_learning;                  /* a draft or an error: photos and a training are what it needs */
    bool is_male, is_female, is_other; /* exactly one */
    bool has_lora, has_finetune, has_photos, has_images, has_many_images;
    bool has_model; /* to make pictures with, also while it learns anew */
    bool may_be_main;
    int64_t progress; /* percent, of a training */
    int64_t photos, images;
    int64_t model_mib;        /* of our own copy of its file, rounded up */
    bool is_ours;             /* there is such a copy */
    char scale[24];           /* "0.8"; "": none of its own */
    const char *trained_with; /* title of its last training's preset; NULL: none */
    struct text why, advice;  /* how its last training failed; at NULL: it did not */
};

extern const struct view_type avatar_view_type;

/* Borrows shown. */
struct avatar_view avatar_view_of(const struct call *call, const struct avatar_shown *shown);
