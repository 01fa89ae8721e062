#pragma once
/* The styles as their own files see them. */
#include "styles/style_stems.h"
#include "styles/styles.h"

enum { STYLES_TAGS_MAX = 96, STYLES_FILE_MAX = 96 };

/* A style as its file has it, with the names that are looked up once all is read. */
struct style_entry {
    struct style style;
    char group[STYLE_NAME_ROOM];
    struct style_tag_names {
        int count;
        char at[STYLE_TAGS_MAX][STYLE_NAME_ROOM];
    } tags;
    bool has_prompts;         /* one prompt instead of variants; it stands in the first of these */
    int category;             /* index of the file that it stands in */
    struct style_stems stems; /* what it is found by */
};

struct styles {
    struct styles_overview { /* categories.json */
        struct styles_categories {
            int count;
            struct style_category at[STYLE_CATEGORIES_MAX];
        } categories;
        struct styles_tags {
            int count;
            struct style_tag at[STYLES_TAGS_MAX];
        } tags;
    } overview;
    int count;
    struct style_entry *entries[STYLES_MAX]; /* owned */
    char ids[STYLES_MAX * STYLE_ID_ROOM + 2];
};

/* What no field table can see: names that must exist, placeholders, lengths, ids that stand twice. Resolves the names
   of groups and tags. Error: "data_file". */
bool styles_check(struct styles *styles, const struct catalog *catalog, struct err *reterr);
/* Fills the stems of all, once their names are resolved. */
void styles_index(struct styles *styles);
