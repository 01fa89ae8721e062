#include "base/stem.h"

#include <libstemmer.h>
#include <stdlib.h>

struct stemmer {
    struct sb_stemmer *of[STEM_LANGUAGES];
};

struct stemmer *stemmer_open(void)
{
    static const char *const NAMES[STEM_LANGUAGES] = {[STEM_ENGLISH] = "english", [STEM_RUSSIAN] = "russian"};
    struct stemmer *stemmer = calloc(1, sizeof *stemmer);

    if (!stemmer)
        abort();
    for (int i = 0; i < STEM_LANGUAGES; i++)
        if (!(stemmer->of[i] = sb_stemmer_new(NAMES[i], "UTF_8")))
            abort();
    return stemmer;
}

void stemmer_close(struct stemmer *stemmer)
{
    for (int i = 0; stemmer && i < STEM_LANGUAGES; i++)
        sb_stemmer_delete(stemmer->of[i]);
    free(stemmer);
}

struct text stemmer_stem(struct stemmer *stemmer, enum stem_language language, struct text word)
{
    const sb_symbol *stem = sb_stemmer_stem(stemmer->of[language], (const sb_symbol *)word.at, (int)word.len);

    if (!stem)
        abort();
    return (struct text){(const char *)stem, (size_t)sb_stemmer_length(stemmer->of[language])};
}
