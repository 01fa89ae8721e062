/* Two languages say the same things about the same values. */
#include <stdio.h>
#include <string.h>

#include "view/texts_inside.h"

enum { MAX_TAGS = 16 };

/* The values that a text names, in any of its forms. */
struct tags {
    struct text at[MAX_TAGS];
    int count;
};

bool texts_next_tag(const char **rest, struct text *ret)
{
    const char *begin = strstr(*rest, "{{"), *end;

    if (!begin)
        return false;
    end = strstr(begin + 2, "}}");
    *rest = end ? end + 2 : "";
    *ret = end ? text_trim((struct text){begin + 2, (size_t)(end - begin - 2)}) : TEXT("");
    return true;
}

static bool has(const struct tags *tags, struct text tag)
{
    for (int i = 0; i < tags->count; i++)
        if (text_equal(tags->at[i], tag))
            return true;
    return false;
}

static bool add_tag(struct tags *tags, struct text tag)
{
    if (has(tags, tag))
        return true;
    if (tags->count == MAX_TAGS)
        return false;
    tags->at[tags->count++] = tag;
    return true;
}

static bool add_tags(struct tags *tags, const char *words)
{
    struct text tag;

    while (words && texts_next_tag(&words, &tag))
        if (!add_tag(tags, tag))
            return false;
    return true;
}

/* What a text is chosen by counts as named: a language without that number's forms has to name it in words. */
static bool tags_of(const struct mustache_text *text, struct tags *ret)
{
    bool fits = add_tags(ret, text->text) && (!text->by || add_tag(ret, text_of(text->by)));

    for (int i = 0; i < MUSTACHE_PLURALS; i++)
        fits = fits && add_tags(ret, text->forms[i]);
    return fits;
}

static void missing_tag(const struct texts_file *file, const char *key, struct text tag, const struct texts_file *other,
                        struct texts_faults *faults)
{
    char what[120];

    (void)snprintf(what, sizeof what, "does not name {{%.*s}} as %s does", (int)(tag.len < 40 ? tag.len : 40), tag.at,
                   other->name);
    (void)texts_fault(faults, file, key, what);
}

static void compare_tags(const struct texts_file *a, const struct texts_entry *in_a, const struct texts_file *b,
                         const struct texts_entry *in_b, struct texts_faults *faults)
{
    struct tags tags_a = {.count = 0}, tags_b = {.count = 0};

    if (!tags_of(&in_a->text, &tags_a) || !tags_of(&in_b->text, &tags_b)) {
        (void)texts_fault(faults, a, in_a->key, "has too many tags");
        return;
    }
    for (int i = 0; i < tags_a.count; i++)
        if (!has(&tags_b, tags_a.at[i]))
            missing_tag(b, in_a->key, tags_a.at[i], a, faults);
    for (int i = 0; i < tags_b.count; i++)
        if (!has(&tags_a, tags_b.at[i]))
            missing_tag(a, in_a->key, tags_b.at[i], b, faults);
}

static void missing_keys(const struct texts_file *file, const struct texts_file *other, struct texts_faults *faults)
{
    for (size_t i = 0; i < other->count; i++)
        if (!texts_file_find(file, text_of(other->entries[i].key)))
            (void)texts_fault(faults, file, other->entries[i].key, "is missing");
}

void texts_files_compare(const struct texts_file *a, const struct texts_file *b, struct texts_faults *faults)
{
    missing_keys(a, b, faults);
    missing_keys(b, a, faults);
    for (size_t i = 0; i < a->count; i++) {
        const struct texts_entry *in_b = texts_file_find(b, text_of(a->entries[i].key));
        if (in_b)
            compare_tags(a, &a->entries[i], b, in_b, faults);
    }
}
