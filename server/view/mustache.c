#include "view/mustache.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/mustache_inside.h"

void *mustache_grow(void *array, size_t size, size_t count, size_t *room)
{
    if (count < *room)
        return array;
    *room = count ? 2 * count : 16;
    array = realloc(array, *room * size);
    if (!array)
        abort();
    return array;
}

char *mustache_copy(struct text text)
{
    char *copy = malloc(text.len + 1);

    if (!copy)
        abort();
    if (text.len)
        memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return copy;
}

bool mustache_fault(const struct mustache *template, uint32_t line, struct err *reterr, const char *fmt, ...)
{
    char why[sizeof reterr->detail];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return err_set(reterr, ERR_INVALID, "template", "%s:%u: %s", template->file, (unsigned)line, why);
}

int mustache_symbol(struct mustache_set *set, struct text name)
{
    for (size_t i = 0; i < set->symbols_count; i++)
        if (text_equal(set->symbols[i], name))
            return (int)i;
    if (set->symbols_count == MUSTACHE_MAX_SYMBOLS)
        return -1;
    set->symbols = mustache_grow(set->symbols, sizeof *set->symbols, set->symbols_count, &set->symbols_room);
    set->symbols[set->symbols_count] = (struct text){mustache_copy(name), name.len};
    return (int)set->symbols_count++;
}

struct mustache_set *mustache_open(const struct mustache_texts *texts)
{
    struct mustache_set *set = calloc(1, sizeof *set);

    if (!set)
        abort();
    if (texts)
        set->texts = *texts;
    return set;
}

static void template_free(struct mustache *template)
{
    for (size_t i = 0; i < template->refs_count; i++)
        free(template->refs[i].name);
    free(template->refs);
    free(template->parts);
    free(template->ops);
    buf_done(&template->literals);
    free(template->file);
    free(template->name);
    free(template);
}

void mustache_close(struct mustache_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        template_free(set->templates[i]);
    free(set->templates);
    mustache_types_done(set);
    for (size_t i = 0; i < set->symbols_count; i++)
        free((char *)set->symbols[i].at);
    free(set->symbols);
    free(set);
}

static struct mustache *template_make(const struct mustache_set *set, const char *name, const char *file)
{
    struct mustache *template = calloc(1, sizeof *template);

    if (!template)
        abort();
    template->set = set;
    template->name = mustache_copy(text_of(name));
    template->file = mustache_copy(text_of(file));
    template->literals = buf_make(4 * MUSTACHE_MAX_SOURCE);
    (void)buf_add_text(&template->literals, ""); /* never NULL */
    return template;
}

bool mustache_add(struct mustache_set *set, const char *name, const char *file, struct text source, struct err *reterr)
{
    struct mustache *template = template_make(set, name, file);
    bool done;

    if (set->count == MUSTACHE_MAX_TEMPLATES)
        done = mustache_fault(template, 1, reterr, "there are too many templates");
    else if (mustache_find(set, name))
        done = mustache_fault(template, 1, reterr, "there is a template %s already", name);
    else
        done = mustache_parse(set, template, source, reterr);
    if (!done) {
        template_free(template);
        return false;
    }
    set->templates = mustache_grow(set->templates, sizeof(struct mustache *), set->count, &set->room);
    set->templates[set->count++] = template;
    return true;
}

const struct mustache *mustache_named(const struct mustache_set *set, struct text name)
{
    for (size_t i = 0; i < set->count; i++)
        if (strncmp(set->templates[i]->name, name.at, name.len) == 0 && !set->templates[i]->name[name.len])
            return set->templates[i];
    return NULL;
}

const struct mustache *mustache_find(const struct mustache_set *set, const char *name)
{
    return mustache_named(set, text_of(name));
}
