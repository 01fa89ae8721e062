#pragma once
/* Looking for styles by words: of titles, descriptions, tags, groups, categories and choices, in both languages at
   once, by their stems ("портреты" finds "портрет", "castles" finds "castle"). Case does not matter, nor does ё for е.
 */
#include "styles/own_style.h"
#include "styles/style_stems.h"
#include "styles/styles.h"

enum { STYLE_QUERY_MAX = 100 /* code points */, STYLE_QUERY_WORDS = 8 };

struct style_query {
    bool asked; /* something was asked for: without, everything is found, with score 1 */
    int count;
    struct style_stem words[STYLE_QUERY_WORDS]; /* without small words such as "in" */
};

/* Valid UTF-8. Words behind the eighth do not count. */
struct style_query style_query_read(struct text words);
/* How well it is found: 0: not at all, as not every word is in it. More for a title than for a tag, for a tag than for
   the rest. */
int style_query_score(const struct style_query *query, const struct styles *styles, const struct style *style);
/* By its title, its tags and the first words of its prompt. stemmer is the caller's, for many of them. */
int style_query_score_own(const struct style_query *query, const struct own_style *style, struct stemmer *stemmer);
