#pragma once
/* Reading the catalogue's data files: whole, of bounded size, checked by field tables, faults in words with file and
   place. The read_ functions add to faults under the name field, as a json_custom_fn does. */
#include <stddef.h>

#include "base/err.h"
#include "json/json_in.h"

/* Fills *ret from the JSON object in the file at path. Error: ERR_INTERNAL, "data_file". */
bool data_file_read(const char *path, const struct json_field *fields, void *ret, struct err *reterr);

/* An array of objects. Each is decoded into the next of max items of the given size. Returns how many. */
struct data_list {
    void *items;
    size_t size;
    int max;
    const struct json_field *fields;
};
int data_file_read_list(yajl_val array, struct data_list into, const char *field, struct faults *faults);

/* An array of 1..max different strings into items of size bytes each. Returns how many. */
int data_file_read_texts(yajl_val array, char *items, size_t size, int max, const char *field, struct faults *faults);

/* A string out of words (which end with NULL); its index goes into the int-sized enum at ret. */
void data_file_read_word(yajl_val value, const char *const *words, void *ret, const char *field, struct faults *faults);
