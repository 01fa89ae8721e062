#pragma once
/* How a catalogue of texts is read and checked: for texts*.c alone. */
#include "base/text.h"
#include "view/texts.h"
#include "json/json_in.h"

struct texts_entry {
    const char *key;
    struct mustache_text text;
};

struct texts_file {
    const char *name; /* for messages */
    enum lang lang;
    yajl_val tree; /* owns what the entries point to */
    struct texts_entry *entries;
    size_t count; /* sorted by key */
};

/* Every fault goes to the log; the first is kept for the error. */
struct texts_faults {
    int count;
    char first[160];
};

/* key may be NULL: the file as a whole. Returns false. */
bool texts_fault(struct texts_faults *faults, const struct texts_file *file, const char *key, const char *what);
bool texts_faults_err(const struct texts_faults *faults, struct err *reterr);

/* Fills the entries from the tree and checks each by itself. False: nothing to compare. */
bool texts_file_read(struct texts_file *file, struct texts_faults *faults);
/* The next tag's inside, trimmed; of one that is not closed "". False: no more. */
bool texts_next_tag(const char **rest, struct text *ret);
/* The same keys, with the same tags? */
void texts_files_compare(const struct texts_file *a, const struct texts_file *b, struct texts_faults *faults);
const struct texts_entry *texts_file_find(const struct texts_file *file, struct text key);
