#pragma once
/* The provider's own tables of what its endpoints of pictures take, written down once more from its documents and not
   from our data files, so that a slip there is seen. */
#include <stdbool.h>

enum fal_table_type {
    TEXT_VALUE,
    SIZE_VALUE,
    INTEGER_VALUE,
    NUMBER_VALUE,
    SEED_VALUE,
    LORAS_VALUE,
    BOOLEAN_VALUE,
    WORD_VALUE
};

struct fal_field {
    const char *name;
    enum fal_table_type type;
    double min, max;
    const char *words;         /* of WORD_VALUE: with a blank before and behind each */
    bool required, ours_alone; /* ours_alone: it exists, and is never sent */
};

struct fal_table {
    const char *id;
    const struct fal_field *fields; /* ends with an all-zero one */
};

extern const char fal_table_ratios[];                    /* of ultra, with a blank before and behind each */
const struct fal_table *fal_table_named(const char *id); /* the test fails without */
const struct fal_field *fal_table_field(const struct fal_table *table, const char *name); /* NULL: it has none */
/* The test fails when the body has anything that the endpoint does not list, a value out of its range, or lacks what is
   required. */
void fal_table_check(const char *endpoint, const char *body);
