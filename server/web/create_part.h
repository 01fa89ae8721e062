#pragma once
/* What the pages for one description and for several have in common: the choices, what is wrong with the form, what the
   pictures cost. */
#include "users/account.h"
#include "view/value.h"
#include "web/create_choices.h"
#include "web/create_trouble.h"
#include "web/form_faults.h"

struct create_part {
    bool is_off, has_avatars, has_ready, may_send;
    struct view_items avatars, presets, sizes, ratios, own_sizes, counts, errors;
    const char *seed, *key;
    bool more_open;                            /* the part with the seed */
    bool as_preset;                            /* no size of its own */
    struct text trouble_title, trouble_advice; /* of the form as a whole; at NULL: none */
    bool has_errors;
    const char *prompt_error, *prompts_error, *avatar_error, *preset_error, *size_error, *count_error,
        *seed_error;          /* NULL: none */
    bool has_price;           /* of what is chosen */
    int64_t price, available; /* credits */
    int64_t held;             /* reserved for what has begun */
    bool has_held;
    bool has_too_little, has_fewer; /* for it; fewer pictures can be had */
    bool was_too_little;            /* when the form was sent */
    const char *ultra_avatar;       /* id of one that can be used with ultra while the checked one cannot; NULL: none */
    const char *ultra_avatar_name;
};

/* In the table of a page's fields, whose struct has it as its member part. */
#define CREATE_PART_FIELD(field_kind, struct_type, member, ...)                                                        \
    {                                                                                                                  \
        .name = #member, .kind = field_kind, .offset = offsetof(struct_type, part.member), __VA_ARGS__                 \
    }
#define CREATE_PART_FIELDS(struct_type)                                                                                \
    CREATE_PART_FIELD(VIEW_BOOL, struct_type, is_off), CREATE_PART_FIELD(VIEW_BOOL, struct_type, has_avatars),         \
        CREATE_PART_FIELD(VIEW_BOOL, struct_type, has_ready), CREATE_PART_FIELD(VIEW_BOOL, struct_type, may_send),     \
        CREATE_PART_FIELD(VIEW_ITEMS, struct_type, avatars, .type = &avatar_choice_type),                              \
        CREATE_PART_FIELD(VIEW_ITEMS, struct_type, presets, .type = &preset_choice_type),                              \
        CREATE_PART_FIELD(VIEW_ITEMS, struct_type, sizes, .type = &size_choice_type),                                  \
        CREATE_PART_FIELD(VIEW_ITEMS, struct_type, ratios, .type = &size_choice_type),                                 \
        CREATE_PART_FIELD(VIEW_ITEMS, struct_type, own_sizes, .type = &size_choice_type),                              \
        CREATE_PART_FIELD(VIEW_ITEMS, struct_type, counts, .type = &count_choice_type),                                \
        CREATE_PART_FIELD(VIEW_ITEMS, struct_type, errors, .type = &form_fault_type),                                  \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, seed), CREATE_PART_FIELD(VIEW_STRING, struct_type, key),           \
        CREATE_PART_FIELD(VIEW_BOOL, struct_type, more_open), CREATE_PART_FIELD(VIEW_BOOL, struct_type, as_preset),    \
        CREATE_PART_FIELD(VIEW_TEXT, struct_type, trouble_title),                                                      \
        CREATE_PART_FIELD(VIEW_TEXT, struct_type, trouble_advice),                                                     \
        CREATE_PART_FIELD(VIEW_BOOL, struct_type, has_errors),                                                         \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, prompt_error),                                                     \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, prompts_error),                                                    \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, avatar_error),                                                     \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, preset_error),                                                     \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, size_error),                                                       \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, count_error),                                                      \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, seed_error), CREATE_PART_FIELD(VIEW_BOOL, struct_type, has_price), \
        CREATE_PART_FIELD(VIEW_INT64, struct_type, price), CREATE_PART_FIELD(VIEW_INT64, struct_type, available),      \
        CREATE_PART_FIELD(VIEW_INT64, struct_type, held), CREATE_PART_FIELD(VIEW_BOOL, struct_type, has_held),         \
        CREATE_PART_FIELD(VIEW_BOOL, struct_type, has_too_little),                                                     \
        CREATE_PART_FIELD(VIEW_BOOL, struct_type, has_fewer),                                                          \
        CREATE_PART_FIELD(VIEW_BOOL, struct_type, was_too_little),                                                     \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, ultra_avatar),                                                     \
        CREATE_PART_FIELD(VIEW_STRING, struct_type, ultra_avatar_name)

/* What a form says of it; borrowed. */
struct create_chosen {
    const char *preset, *size, *seed;
    int64_t num_images;
    int64_t wishes; /* how many descriptions the price is for */
};

/* avatars: of create_avatars; errors: of struct form_fault. Everything lives as long as the call, and what it borrows.
 */
struct create_part create_part_make(struct call *call, const struct create_chosen *chosen, struct view_items avatars,
                                    const struct account *account, struct view_items errors, const char *trouble_code);

/* By the form's fields, one for each: two about one size would say the same. Of struct form_fault. */
struct view_items create_part_errors(struct call *call, const struct faults *faults);
