#pragma once
/* The data file as it stands there. */
#include "catalog/preset.h"
#include "moderation/lexicon.h"

enum { LEXICON_LIST_MAX = 700, LEXICON_ITEM_ROOM = 96 };

struct lexicon_list {
    char path[48]; /* its place in the file, for messages */
    int count;
    char items[LEXICON_LIST_MAX][LEXICON_ITEM_ROOM];
};

struct lexicon_lists {
    struct lexicon_list en, ru;
};

struct lexicon_file_category {
    struct lexicon_category about;
    struct lexicon_lists words, deniable;
};

struct lexicon_file {
    struct lexicon_file_categories {
        int count;
        struct lexicon_file_category at[LEXICON_CATEGORIES_MAX];
    } categories;
    struct lexicon_file_combination {
        struct lexicon_category about;
        struct lexicon_lists young, sexual;
    } combination;
    struct lexicon_lists allowed, denials, links, tails;
};

/* The caller frees it. NULL: ERR_INTERNAL "data_file". */
struct lexicon_file *lexicon_file_read(const char *path, struct err *reterr);
