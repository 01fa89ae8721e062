#include "moderation/lexicon_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "catalog/data_file.h"

static void read_list(yajl_val array, void *at, const char *field, struct faults *faults)
{
    struct lexicon_list *list = at;
    size_t count = YAJL_IS_ARRAY(array) ? YAJL_GET_ARRAY(array)->len : 0;

    (void)text_copy(list->path, sizeof list->path, text_of(field));
    if (!YAJL_IS_ARRAY(array) || count > LEXICON_LIST_MAX) {
        (void)faults_add_range(faults, field, count ? "too_many" : "not_an_array", 0, LEXICON_LIST_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *item = YAJL_GET_STRING(YAJL_GET_ARRAY(array)->values[i]);
        char place[sizeof faults->items[0].field];

        (void)snprintf(place, sizeof place, "%.48s[%zu]", field, i);
        if (!item || !*item || !text_copy(list->items[i], sizeof list->items[i], text_of(item)))
            (void)faults_add(faults, place, "bad_item");
    }
    list->count = (int)count;
}

#define LISTS(target, member)                                                                                          \
    {                                                                                                                  \
        .name = #member, .type = JSON_OBJECT, .offset = offsetof(target, member), .fields = LISTS_FIELDS               \
    }

static const struct json_field LISTS_FIELDS[] = {
    JSON_FIELD(JSON_CUSTOM, struct lexicon_lists, en, .custom = read_list),
    JSON_FIELD(JSON_CUSTOM, struct lexicon_lists, ru, .custom = read_list),
    {0},
};

#define ABOUT(target)                                                                                                  \
    {.name = "name",                                                                                                   \
     .type = JSON_TEXT,                                                                                                \
     .offset = offsetof(target, about.name),                                                                           \
     .size = sizeof(((target *)0)->about.name),                                                                        \
     .min = 1,                                                                                                         \
     .max = 23},                                                                                                       \
    {                                                                                                                  \
        .name = "title", .type = JSON_OBJECT, .offset = offsetof(target, about.title), .fields = words_fields          \
    }

static const struct json_field CATEGORY_FIELDS[] = {
    ABOUT(struct lexicon_file_category),
    {.name = "sexualises",
     .type = JSON_BOOL,
     .offset = offsetof(struct lexicon_file_category, about.sexualises),
     .size = sizeof(bool)},
    LISTS(struct lexicon_file_category, words),
    LISTS(struct lexicon_file_category, deniable),
    {0},
};

static void read_categories(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct lexicon_file_categories *categories = at;
    struct data_list into = {categories->at, sizeof categories->at[0], LEXICON_CATEGORIES_MAX - 1, CATEGORY_FIELDS};

    categories->count = data_file_read_list(value, into, field, faults);
}

static const struct json_field COMBINATION_FIELDS[] = {
    ABOUT(struct lexicon_file_combination),
    LISTS(struct lexicon_file_combination, young),
    LISTS(struct lexicon_file_combination, sexual),
    {0},
};

static const struct json_field FILE_FIELDS[] = {
    JSON_FIELD(JSON_CUSTOM, struct lexicon_file, categories, .custom = read_categories),
    JSON_FIELD(JSON_OBJECT, struct lexicon_file, combination, .fields = COMBINATION_FIELDS),
    LISTS(struct lexicon_file, allowed),
    LISTS(struct lexicon_file, denials),
    LISTS(struct lexicon_file, links),
    LISTS(struct lexicon_file, tails),
    {0},
};

struct lexicon_file *lexicon_file_read(const char *path, struct err *reterr)
{
    struct lexicon_file *file = calloc(1, sizeof *file);

    if (!file)
        abort();
    if (data_file_read(path, FILE_FIELDS, file, reterr))
        return file;
    free(file);
    return NULL;
}
