/* styles_open: categories.json, then one file for each category, then the checks across them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/data_file.h"
#include "styles/styles_inside.h"

#define FOLDER "server/styles/data"

/* A member that is a place inside the target, by another name than its own. */
#define MEMBER(kind, target, key, member, ...)                                                                         \
    {                                                                                                                  \
        .name = key, .type = kind, .offset = offsetof(target, member), .size = sizeof(((target *)0)->member),          \
        __VA_ARGS__                                                                                                    \
    }
#define WORDS(target, key, member) MEMBER(JSON_OBJECT, target, key, member, .fields = words_fields)

/* categories.json */

static const struct json_field GROUP_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct style_group, id, .min = 1, .max = STYLE_NAME_ROOM - 1),
    JSON_FIELD(JSON_TEXT, struct style_group, emoji, .min = 1, .max = 8),
    WORDS(struct style_group, "title", title),
    {0},
};

static void read_groups(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct style_groups *list = at;
    struct data_list into = {list->at, sizeof list->at[0], STYLE_GROUPS_MAX, GROUP_FIELDS};

    list->count = data_file_read_list(value, into, field, faults);
}

static const struct json_field CATEGORY_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct style_category, id, .min = 1, .max = STYLE_NAME_ROOM - 1),
    JSON_FIELD(JSON_TEXT, struct style_category, emoji, .min = 1, .max = 8),
    WORDS(struct style_category, "title", title),
    JSON_FIELD(JSON_CUSTOM, struct style_category, groups, .custom = read_groups),
    {0},
};

static void read_categories(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct styles_categories *list = at;
    struct data_list into = {list->at, sizeof list->at[0], STYLE_CATEGORIES_MAX, CATEGORY_FIELDS};

    list->count = data_file_read_list(value, into, field, faults);
}

static const struct json_field TAG_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct style_tag, id, .min = 1, .max = STYLE_NAME_ROOM - 1),
    WORDS(struct style_tag, "title", title),
    {0},
};

static void read_tags(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct styles_tags *list = at;
    struct data_list into = {list->at, sizeof list->at[0], STYLES_TAGS_MAX, TAG_FIELDS};

    list->count = data_file_read_list(value, into, field, faults);
}

static const struct json_field OVERVIEW_FILE[] = {
    JSON_FIELD(JSON_CUSTOM, struct styles_overview, categories, .custom = read_categories),
    JSON_FIELD(JSON_CUSTOM, struct styles_overview, tags, .custom = read_tags),
    {0},
};

/* The file of a category */

static const struct json_field OUTFIT_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct style_outfit, male, .min = 1, .max = 200),
    JSON_FIELD(JSON_TEXT, struct style_outfit, female, .min = 1, .max = 200),
    JSON_FIELD(JSON_TEXT, struct style_outfit, other, .min = 1, .max = 200),
    {0},
};

static const struct json_field PROMPTS_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct style_prompts, person, .min = 1, .max = STYLE_PROMPT_MAX),
    JSON_FIELD(JSON_TEXT, struct style_prompts, male, .min = 1, .max = STYLE_PROMPT_MAX, .optional = true),
    JSON_FIELD(JSON_TEXT, struct style_prompts, female, .min = 1, .max = STYLE_PROMPT_MAX, .optional = true),
    JSON_FIELD(JSON_TEXT, struct style_prompts, other, .min = 1, .max = STYLE_PROMPT_MAX, .optional = true),
    JSON_FIELD(JSON_TEXT, struct style_prompts, style, .min = 1, .max = STYLE_PROMPT_MAX),
    JSON_FIELD(JSON_OBJECT, struct style_prompts, outfit, .fields = OUTFIT_FIELDS, .optional = true),
    {0},
};

static const struct json_field VARIANT_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct style_variant, name, .min = 1, .max = STYLE_NAME_ROOM - 1),
    JSON_FIELD(JSON_INT64, struct style_variant, weight, .min = 1, .max = 1000),
    JSON_FIELD(JSON_OBJECT, struct style_variant, prompts, .fields = PROMPTS_FIELDS),
    {0},
};

static void read_variants(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct style_variants *list = at;
    struct data_list into = {list->at, sizeof list->at[0], STYLE_VARIANTS_MAX, VARIANT_FIELDS};

    list->count = data_file_read_list(value, into, field, faults);
}

static const struct json_field OPTION_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct style_option, value, .min = 1, .max = STYLE_NAME_ROOM - 1),
    WORDS(struct style_option, "title", title),
    JSON_FIELD(JSON_TEXT, struct style_option, prompt, .min = 1, .max = 200),
    {0},
};

static void read_options(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct style_options *list = at;
    struct data_list into = {list->at, sizeof list->at[0], STYLE_OPTIONS_MAX, OPTION_FIELDS};

    list->count = data_file_read_list(value, into, field, faults);
}

static const struct json_field CHOICE_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct style_choice, name, .min = 1, .max = STYLE_NAME_ROOM - 1),
    WORDS(struct style_choice, "title", title),
    JSON_FIELD(JSON_CUSTOM, struct style_choice, options, .custom = read_options),
    {0},
};

static void read_choices(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct style_choices *list = at;
    struct data_list into = {list->at, sizeof list->at[0], STYLE_CHOICES_MAX, CHOICE_FIELDS};

    list->count = data_file_read_list(value, into, field, faults);
}

static void read_tag_names(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct style_tag_names *list = at;

    list->count = data_file_read_texts(value, list->at[0], sizeof list->at[0], STYLE_TAGS_MAX, field, faults);
}

static const struct json_field ENTRY_FIELDS[] = {
    MEMBER(JSON_TEXT, struct style_entry, "id", style.id, .min = 1, .max = STYLE_ID_ROOM - 1),
    JSON_FIELD(JSON_TEXT, struct style_entry, group, .min = 1, .max = STYLE_NAME_ROOM - 1),
    MEMBER(JSON_BOOL, struct style_entry, "quick", style.quick, .min = 0),
    MEMBER(JSON_TEXT, struct style_entry, "preset", style.preset, .min = 1, .max = 23),
    WORDS(struct style_entry, "title", style.title),
    WORDS(struct style_entry, "description", style.description),
    JSON_FIELD(JSON_CUSTOM, struct style_entry, tags, .custom = read_tag_names),
    MEMBER(JSON_CUSTOM, struct style_entry, "choices", style.choices, .custom = read_choices, .optional = true),
    MEMBER(JSON_CUSTOM, struct style_entry, "variants", style.variants, .custom = read_variants, .optional = true),
    MEMBER(JSON_OBJECT, struct style_entry, "prompts", style.variants.at[0].prompts, .fields = PROMPTS_FIELDS,
           .optional = true, .present = offsetof(struct style_entry, has_prompts)),
    {0},
};

struct category_file {
    char category[STYLE_NAME_ROOM];
    struct entry_list {
        struct styles *styles;
        int category;
    } styles;
};

static struct style_entry *entry_add(struct entry_list *list)
{
    struct style_entry *entry = calloc(1, sizeof *entry);

    if (!entry)
        abort();
    entry->category = list->category;
    entry->style.index = list->styles->count;
    list->styles->entries[list->styles->count++] = entry;
    return entry;
}

static void read_styles(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct entry_list *list = at;
    size_t count = YAJL_IS_ARRAY(value) ? YAJL_GET_ARRAY(value)->len : 0;

    if (!count || count > STYLES_FILE_MAX || list->styles->count + (int)count > STYLES_MAX) {
        (void)faults_add_range(faults, field, count ? "too_many" : "not_an_array", 1, STYLES_FILE_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char place[sizeof faults->items[0].field];
        (void)snprintf(place, sizeof place, "%.32s[%zu]", field, i);
        (void)json_decode_at(place, YAJL_GET_ARRAY(value)->values[i], ENTRY_FIELDS, entry_add(list), faults);
    }
}

static const struct json_field CATEGORY_FILE[] = {
    JSON_FIELD(JSON_TEXT, struct category_file, category, .min = 1, .max = STYLE_NAME_ROOM - 1),
    JSON_FIELD(JSON_CUSTOM, struct category_file, styles, .custom = read_styles),
    {0},
};

static bool read_file(const char *root, const char *name, const struct json_field *fields, void *ret,
                      struct err *reterr)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof path, "%s/" FOLDER "/%s.json", root, name) >= sizeof path)
        return err_set(reterr, ERR_INTERNAL, "data_file", "the path of %s.json is too long", name);
    return data_file_read(path, fields, ret, reterr);
}

/* An id that becomes the name of a file. */
static bool is_plain(const char *id)
{
    for (; *id; id++)
        if (!(*id >= 'a' && *id <= 'z') && *id != '-')
            return false;
    return true;
}

static bool read_category(const char *root, struct styles *styles, int index, struct err *reterr)
{
    const char *id = styles->overview.categories.at[index].id;
    struct category_file file = {.styles = {styles, index}};

    if (!is_plain(id))
        return err_set(reterr, ERR_INTERNAL, "data_file", "categories.json: category \"%s\": letters a-z and -", id);
    if (!read_file(root, id, CATEGORY_FILE, &file, reterr))
        return false;
    if (!text_equal(text_of(file.category), text_of(id)))
        return err_set(reterr, ERR_INTERNAL, "data_file", "%s.json: category \"%s\": it is another's file", id,
                       file.category);
    return true;
}

/* Slugs need no quotes. */
static void write_ids(struct styles *styles)
{
    char *to = styles->ids;

    *to++ = '{';
    for (int i = 0; i < styles->count; i++) {
        size_t len = strlen(styles->entries[i]->style.id);
        memcpy(to, styles->entries[i]->style.id, len);
        to += len;
        *to++ = i + 1 < styles->count ? ',' : '}';
    }
    *to = '\0';
}

struct styles *styles_open(const char *root, const struct catalog *catalog, struct err *reterr)
{
    struct styles *styles = calloc(1, sizeof *styles);
    bool ok;

    if (!styles)
        abort();
    ok = read_file(root, "categories", OVERVIEW_FILE, &styles->overview, reterr);
    for (int i = 0; ok && i < styles->overview.categories.count; i++)
        ok = read_category(root, styles, i, reterr);
    if (ok && styles_check(styles, catalog, reterr)) {
        write_ids(styles);
        styles_index(styles);
        return styles;
    }
    styles_close(styles);
    return NULL;
}

void styles_close(struct styles *styles)
{
    for (int i = 0; styles && i < styles->count; i++)
        free(styles->entries[i]);
    free(styles);
}
