#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "view/texts_inside.h"

static const char *const FORMS[MUSTACHE_PLURALS] = {"one", "few", "many", "other"};
static const bool NEEDED[][MUSTACHE_PLURALS] = {
    [LANG_RU] = {true, true, true, true}, [LANG_EN] = {[MUSTACHE_ONE] = true, [MUSTACHE_OTHER] = true}};

bool texts_fault(struct texts_faults *faults, const struct texts_file *file, const char *key, const char *what)
{
    char words[sizeof faults->first];

    (void)snprintf(words, sizeof words, "%s: %s%s%s", file->name, key ? key : "", key ? ": " : "", what);
    log_write(LOG_ERROR, "text_fault", "detail=%s", LOG_QUOTE(words));
    if (!faults->count++)
        (void)snprintf(faults->first, sizeof faults->first, "%s", words);
    return false;
}

bool texts_faults_err(const struct texts_faults *faults, struct err *reterr)
{
    if (faults->count == 1)
        return err_set(reterr, ERR_INVALID, "texts", "%s", faults->first);
    return err_set(reterr, ERR_INVALID, "texts", "%s (%d faults; the log has them all)", faults->first, faults->count);
}

/* One text */

static bool key_is_sound(const char *key)
{
    return *key && strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(key);
}

/* Words, and tags that name a value. Markup stands in templates; a text within a text might have no end. */
static const char *fault_of(const char *text)
{
    struct text tag;

    if (!*text)
        return "is empty";
    if (strpbrk(text, "<&\""))
        return "has < & or a straight quotation mark: markup belongs in a template, and words are quoted like this: "
               "“…”";
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ')
            return "has a line break or another control character";
    while (texts_next_tag(&text, &tag)) {
        if (!tag.len || strspn(tag.at, "abcdefghijklmnopqrstuvwxyz0123456789_.") < tag.len)
            return "has a tag that is not {{name}}";
        if (text_starts(tag, TEXT("t.")))
            return "names another text";
    }
    return NULL;
}

static const char *read_words(const struct texts_file *file, const char *key, yajl_val value,
                              struct texts_faults *faults)
{
    const char *what = YAJL_IS_STRING(value) ? fault_of(YAJL_GET_STRING(value)) : "is not text";

    if (!what)
        return YAJL_GET_STRING(value);
    (void)texts_fault(faults, file, key, what);
    return NULL;
}

static int form_named(const char *name)
{
    for (int i = 0; i < MUSTACHE_PLURALS; i++)
        if (strcmp(name, FORMS[i]) == 0)
            return i;
    return -1;
}

static void read_form(const struct texts_file *file, struct texts_entry *entry, const char *name, yajl_val value,
                      struct texts_faults *faults)
{
    int form = form_named(name);
    char what[80];

    if (strcmp(name, "by") == 0)
        entry->text.by = read_words(file, entry->key, value, faults);
    else if (form >= 0 && NEEDED[file->lang][form])
        entry->text.forms[form] = read_words(file, entry->key, value, faults);
    else {
        (void)snprintf(what, sizeof what, "\"%.40s\" is no form of this language", name);
        (void)texts_fault(faults, file, entry->key, what);
    }
}

static void read_forms(const struct texts_file *file, struct texts_entry *entry, yajl_val object,
                       struct texts_faults *faults)
{
    char what[40];

    for (size_t i = 0; i < object->u.object.len; i++)
        read_form(file, entry, object->u.object.keys[i], object->u.object.values[i], faults);
    if (!entry->text.by)
        (void)texts_fault(faults, file, entry->key, "does not say by which number (\"by\")");
    for (int i = 0; i < MUSTACHE_PLURALS; i++)
        if (NEEDED[file->lang][i] && !entry->text.forms[i]) {
            (void)snprintf(what, sizeof what, "the form \"%s\" is missing", FORMS[i]);
            (void)texts_fault(faults, file, entry->key, what);
        }
}

/* The file */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct texts_entry *)a)->key, ((const struct texts_entry *)b)->key);
}

static void read_entry(const struct texts_file *file, struct texts_entry *entry, yajl_val value,
                       struct texts_faults *faults)
{
    if (!key_is_sound(entry->key))
        (void)texts_fault(faults, file, entry->key, "a key has small letters, digits, _ and . alone");
    if (YAJL_IS_OBJECT(value))
        read_forms(file, entry, value, faults);
    else
        entry->text.text = read_words(file, entry->key, value, faults);
}

bool texts_file_read(struct texts_file *file, struct texts_faults *faults)
{
    yajl_val tree = file->tree;

    if (!YAJL_IS_OBJECT(tree))
        return texts_fault(faults, file, NULL, "is not an object");
    file->count = tree->u.object.len;
    file->entries = calloc(file->count + 1, sizeof *file->entries);
    if (!file->entries)
        abort();
    for (size_t i = 0; i < file->count; i++) {
        file->entries[i].key = tree->u.object.keys[i];
        read_entry(file, &file->entries[i], tree->u.object.values[i], faults);
    }
    qsort(file->entries, file->count, sizeof *file->entries, by_key);
    for (size_t i = 1; i < file->count; i++)
        if (strcmp(file->entries[i - 1].key, file->entries[i].key) == 0)
            (void)texts_fault(faults, file, file->entries[i].key, "stands there twice");
    return true;
}

static int compare_key(const void *key, const void *entry)
{
    const struct text *wanted = key;
    const char *name = ((const struct texts_entry *)entry)->key;
    int order = strncmp(wanted->at, name, wanted->len);

    return order ? order : -(name[wanted->len] != '\0');
}

const struct texts_entry *texts_file_find(const struct texts_file *file, struct text key)
{
    if (!key.len || memchr(key.at, '\0', key.len))
        return NULL;
    return bsearch(&key, file->entries, file->count, sizeof *file->entries, compare_key);
}
