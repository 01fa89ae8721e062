#include "moderation/moderation.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text_shorten.h"
#include "moderation/judgement.h"

enum { FOUND_SHOWN = 20 /* code points */ };

struct counters {
    atomic_uint_least64_t looked_at, blocked[LEXICON_CATEGORIES_MAX];
};

struct moderation {
    struct lexicon *lexicon;
    struct counters *counters; /* what a const moderation may change */
};

struct moderation *moderation_open(const char *root, struct err *reterr)
{
    struct moderation *moderation;
    struct lexicon *lexicon = lexicon_open_under(root, reterr);

    if (!lexicon)
        return NULL;
    moderation = calloc(1, sizeof *moderation);
    if (!moderation || !(moderation->counters = calloc(1, sizeof *moderation->counters)))
        abort();
    moderation->lexicon = lexicon;
    return moderation;
}

void moderation_close(struct moderation *moderation)
{
    if (!moderation)
        return;
    lexicon_close(moderation->lexicon);
    free(moderation->counters);
    free(moderation);
}

bool moderation_passes(const struct moderation *moderation, struct text prompt, struct moderation_verdict *ret)
{
    struct finding finding = judgement_of(moderation->lexicon, prompt);
    const struct lexicon_category *category = lexicon_category(moderation->lexicon, finding.category);

    atomic_fetch_add_explicit(&moderation->counters->looked_at, 1, memory_order_relaxed);
    *ret = (struct moderation_verdict){0};
    if (!category)
        return true;
    atomic_fetch_add_explicit(&moderation->counters->blocked[finding.category], 1, memory_order_relaxed);
    *ret = (struct moderation_verdict){category->name, category->title.ru, category->title.en,
                                       (struct text){prompt.at + finding.from, finding.to - finding.from}};
    return false;
}

const char *moderation_title(const struct moderation_verdict *verdict, enum lang lang)
{
    return lang == LANG_EN ? verdict->title_en : verdict->title_ru;
}

bool moderation_fault(const struct moderation_verdict *verdict, enum lang lang, const char *field,
                      struct faults *faults)
{
    struct text found = text_shorten(verdict->found, FOUND_SHOWN);
    char what[sizeof faults->items[0].what];
    int len = snprintf(what, sizeof what, lang == LANG_EN ? "%s: “%.*s”" : "%s: «%.*s»",
                       moderation_title(verdict, lang), (int)found.len, found.at);

    if (len < 0 || (size_t)len >= sizeof what) /* the word has marks upon marks */
        return faults_add_what(faults, field, "moderated", text_of(moderation_title(verdict, lang)));
    return faults_add_what(faults, field, "moderated", text_of(what));
}

const char *moderation_category_at(const struct moderation *moderation, int index)
{
    const struct lexicon_category *category = lexicon_category(moderation->lexicon, index);

    return category ? category->name : NULL;
}

uint64_t moderation_blocked(const struct moderation *moderation, int index)
{
    return atomic_load_explicit(&moderation->counters->blocked[index], memory_order_relaxed);
}

uint64_t moderation_looked_at(const struct moderation *moderation)
{
    return atomic_load_explicit(&moderation->counters->looked_at, memory_order_relaxed);
}
