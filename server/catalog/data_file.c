#include "catalog/data_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

enum { FILE_MAX_BYTES = 128 * 1024 };

static void close_file(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

static bool read_bytes(const char *path, struct buf *bytes, struct err *reterr)
{
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    char block[4096];
    size_t got;

    if (!file)
        return err_set(reterr, ERR_INTERNAL, "data_file", "%s: cannot be opened: %s", path, strerror(errno));
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        if (!buf_add(bytes, block, got))
            return err_set(reterr, ERR_INTERNAL, "data_file", "%s: larger than %zu bytes", path, bytes->limit);
    if (ferror(file))
        return err_set(reterr, ERR_INTERNAL, "data_file", "%s: cannot be read", path);
    return true;
}

static bool say_fault(const char *path, const struct faults *faults, struct err *reterr)
{
    const struct fault *first = &faults->items[0];
    char more[32] = "";

    if (faults->count > 1)
        (void)snprintf(more, sizeof more, " (and %d more)", faults->count - 1);
    return err_set(reterr, ERR_INTERNAL, "data_file", "%s: %s: %s%s%s%s", path, first->field, first->code,
                   *first->what ? " " : "", first->what, more);
}

bool data_file_read(const char *path, const struct json_field *fields, void *ret, struct err *reterr)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(FILE_MAX_BYTES);
    struct faults faults = {0};
    struct err why = {0};

    if (!read_bytes(path, &bytes, reterr))
        return false;
    if (json_decode_body((struct text){bytes.bytes, bytes.len}, fields, ret, &faults, &why))
        return true;
    if (why.kind != ERR_NONE)
        return err_set(reterr, ERR_INTERNAL, "data_file", "%s: %s: %s", path, why.code, why.detail);
    return say_fault(path, &faults, reterr);
}

static size_t array_length(yajl_val array, size_t max, const char *field, struct faults *faults)
{
    if (!YAJL_IS_ARRAY(array) || YAJL_GET_ARRAY(array)->len == 0) {
        (void)faults_add(faults, field, "not_an_array");
        return 0;
    }
    if (YAJL_GET_ARRAY(array)->len > max) {
        (void)faults_add_range(faults, field, "too_many", 1, (int64_t)max);
        return 0;
    }
    return YAJL_GET_ARRAY(array)->len;
}

int data_file_read_list(yajl_val array, struct data_list into, const char *field, struct faults *faults)
{
    size_t count = array_length(array, (size_t)into.max, field, faults);

    for (size_t i = 0; i < count; i++) {
        char place[sizeof faults->items[0].field];
        (void)snprintf(place, sizeof place, "%.32s[%d]", field, (int)i);
        (void)json_decode_at(place, YAJL_GET_ARRAY(array)->values[i], into.fields, (char *)into.items + i * into.size,
                             faults);
    }
    return (int)count;
}

static bool holds(const char *items, size_t size, size_t count, const char *item)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(items + i * size, item) == 0)
            return true;
    return false;
}

int data_file_read_texts(yajl_val array, char *items, size_t size, int max, const char *field, struct faults *faults)
{
    size_t count = array_length(array, (size_t)max, field, faults);

    for (size_t i = 0; i < count; i++) {
        const char *value = YAJL_GET_STRING(YAJL_GET_ARRAY(array)->values[i]);
        if (!value || !*value || holds(items, size, i, value) || !text_copy(items + i * size, size, text_of(value))) {
            (void)faults_add(faults, field, "bad_item");
            return 0;
        }
    }
    return (int)count;
}

void data_file_read_word(yajl_val value, const char *const *words, void *ret, const char *field, struct faults *faults)
{
    const char *word = YAJL_GET_STRING(value);

    for (int i = 0; word && words[i]; i++)
        if (strcmp(words[i], word) == 0) {
            memcpy(ret, &i, sizeof i);
            return;
        }
    (void)faults_add_what(faults, field, "unknown_word", text_of(word ? word : ""));
}
