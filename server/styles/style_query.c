#include "styles/style_query.h"

#include <string.h>

#include "styles/styles_inside.h"

enum { TITLE = 12, TAG = 5, GROUP = 4, CATEGORY = 3, CHOICE = 2, DESCRIPTION = 1, PROMPT = 1, PROMPT_WORDS = 40 };

struct style_query style_query_read(struct text words)
{
    struct style_query query = {.asked = !text_is_blank(words)};
    struct stemmer *stemmer = stemmer_open();
    struct text rest = words;

    while (query.count < STYLE_QUERY_WORDS && style_stems_next(&rest, stemmer, &query.words[query.count]))
        query.count += !style_stems_is_small(query.words[query.count].word);
    rest = words;
    if (!query.count && style_stems_next(&rest, stemmer, &query.words[0])) /* nothing but small ones */
        query.count = 1;
    stemmer_close(stemmer);
    return query;
}

/* How well each word of the query was found until now. */
struct found {
    int best[STYLE_QUERY_WORDS];
};

static void look_at(struct found *found, const struct style_query *query, const struct style_stem *there, int weight)
{
    for (int i = 0; i < query->count; i++) {
        int score = weight * style_stems_fit(&query->words[i], there);
        if (score > found->best[i])
            found->best[i] = score;
    }
}

static int total(const struct found *found, const struct style_query *query)
{
    int sum = 0;

    if (!query->asked)
        return 1;
    for (int i = 0; i < query->count; i++) {
        if (!found->best[i])
            return 0;
        sum += found->best[i];
    }
    return sum;
}

int style_query_score(const struct style_query *query, const struct styles *styles, const struct style *style)
{
    const struct style_stems *stems = &styles->entries[style->index]->stems;
    struct found found = {{0}};

    for (int i = 0; i < stems->count; i++)
        look_at(&found, query, &stems->at[i], stems->at[i].weight);
    return total(&found, query);
}

static void look_through(struct found *found, const struct style_query *query, struct stemmer *stemmer,
                         const char *text, int weight)
{
    struct text rest = text_of(text);
    struct style_stem there;

    for (int i = 0; i < PROMPT_WORDS && style_stems_next(&rest, stemmer, &there); i++)
        look_at(found, query, &there, weight);
}

int style_query_score_own(const struct style_query *query, const struct own_style *style, struct stemmer *stemmer)
{
    struct found found = {{0}};

    if (!query->asked)
        return 1;
    look_through(&found, query, stemmer, style->title, TITLE);
    for (int i = 0; i < style->tags.count; i++)
        look_through(&found, query, stemmer, style->tags.at[i], TAG);
    look_through(&found, query, stemmer, style->prompt, PROMPT);
    return total(&found, query);
}

/* The words of shipped styles are kept ready */

static void add_words(struct style_stems *stems, struct stemmer *stemmer, const struct words *words, int weight)
{
    style_stems_add(stems, stemmer, words->ru, weight);
    style_stems_add(stems, stemmer, words->en, weight);
}

static void index_one(struct style_entry *entry, struct stemmer *stemmer)
{
    const struct style *style = &entry->style;

    add_words(&entry->stems, stemmer, &style->title, TITLE);
    style_stems_add(&entry->stems, stemmer, style->id, TITLE);
    for (int i = 0; i < style->tags.count; i++)
        add_words(&entry->stems, stemmer, &style->tags.at[i]->title, TAG);
    add_words(&entry->stems, stemmer, &style->group->title, GROUP);
    add_words(&entry->stems, stemmer, &style->group->category->title, CATEGORY);
    for (int i = 0; i < style->choices.count; i++)
        for (int j = 0; j < style->choices.at[i].options.count; j++)
            add_words(&entry->stems, stemmer, &style->choices.at[i].options.at[j].title, CHOICE);
    add_words(&entry->stems, stemmer, &style->description, DESCRIPTION);
}

void styles_index(struct styles *styles)
{
    struct stemmer *stemmer = stemmer_open();

    for (int i = 0; i < styles->count; i++)
        index_one(styles->entries[i], stemmer);
    stemmer_close(stemmer);
}
