#pragma once
/* The choices of the create page: avatars, presets, sizes, numbers, examples. All arrays live as long as the call. */
#include "db/rows.h"
#include "view/value.h"
#include "web/create_form.h"

enum { CREATE_AVATARS_MAX = 100, CREATE_EXAMPLES = 6 };

struct avatar_choice {
    struct uuid id;
    const char *name;
    struct text letter; /* its first character */
    bool is_main, is_style, checked, disabled;
    bool is_training, is_draft, is_broken; /* why it is disabled */
    int64_t training_progress;
    const char *why; /* another reason; NULL: none */
    int64_t credits; /* for one picture */
    bool has_ultra;
    int64_t ultra_credits;
};

struct preset_choice {
    const char *name, *title, *description;
    int64_t min_seconds, max_seconds;
    char shape[32];
    bool is_ultra, checked, disabled;
};

struct size_choice {
    const char *value, *title;
    char shape[32];
    bool selected;
};

struct count_choice {
    int64_t number;
    bool checked;
};

struct example_choice {
    int64_t number;
    const char *text;
    char example_url[320];
};

extern const struct view_type avatar_choice_type, preset_choice_type, size_choice_type, count_choice_type,
    example_choice_type;

/* Of struct avatar_choice, the main one first. One that is ready is checked if there is any: the wanted one, else the
   main one, else the first. */
struct view_items create_avatars(struct call *call, const PGresult *rows, struct uuid wanted);
/* NULL: none is checked. */
const struct avatar_choice *create_avatar_checked(struct view_items avatars);
/* avatar: the checked one, or NULL. A preset that it cannot be used with is disabled. */
struct view_items create_presets(struct call *call, const char *wanted, const struct avatar_choice *avatar);
const struct preset_choice *create_preset_checked(struct view_items presets); /* NULL: none */
struct view_items create_sizes(struct call *call, const char *wanted);
struct view_items create_ratios(struct call *call, const char *wanted);
/* A size that is neither in the catalogue's sizes nor its ratios; none otherwise. */
struct view_items create_own_size(struct call *call, const char *wanted);
struct view_items create_counts(struct call *call, int64_t wanted);
/* Their links keep what is chosen. */
struct view_items create_examples(struct call *call, const struct create_form *form);
/* The number-th example's text, from 1; NULL: there is none. */
const char *create_example(const struct call *call, int64_t number);
