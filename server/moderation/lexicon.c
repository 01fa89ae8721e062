#include "moderation/lexicon.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "moderation/lexicon_file.h"

enum { TERM_ROOM = WORDING_LETTERS_MAX * 2 + 2, ITEM_LETTERS_MAX = 256, TERMS_LIMIT = UINT16_MAX };

/* What kind of term it is comes first: '=' a form, 'e' and 'r' a stem, '#' an age. */
struct term {
    char key[TERM_ROOM];
};

struct lexicon {
    struct term *terms; /* in order */
    size_t term_count;
    struct lexicon_sequence *sequences; /* in order */
    size_t sequence_count;
    uint32_t *first; /* of each term, the place of its sequences; one more at the end */
    struct lexicon_category categories[LEXICON_CATEGORIES_MAX];
    int category_count;
};

static const char AGE[] = "#";

/* The file's lists, each with what it is for */

struct list_use {
    const struct lexicon_list *list;
    enum script script;
    enum lexicon_use use;
    int category;
};

enum { LIST_USES_MAX = 4 * LEXICON_CATEGORIES_MAX + 12 };

static int add_use(struct list_use *uses, int count, const struct lexicon_lists *lists, enum lexicon_use use,
                   int category)
{
    uses[count++] = (struct list_use){&lists->en, SCRIPT_LATIN, use, category};
    uses[count++] = (struct list_use){&lists->ru, SCRIPT_CYRILLIC, use, category};
    return count;
}

static int all_uses(const struct lexicon_file *file, struct list_use uses[LIST_USES_MAX])
{
    int count = 0;

    for (int i = 0; i < file->categories.count; i++) {
        count = add_use(uses, count, &file->categories.at[i].words, LEXICON_BLOCKED, i);
        count = add_use(uses, count, &file->categories.at[i].deniable, LEXICON_DENIABLE, i);
    }
    count = add_use(uses, count, &file->allowed, LEXICON_ALLOWED, 0);
    count = add_use(uses, count, &file->denials, LEXICON_DENIAL, 0);
    count = add_use(uses, count, &file->links, LEXICON_LINK, 0);
    count = add_use(uses, count, &file->tails, LEXICON_TAIL, 0);
    count = add_use(uses, count, &file->combination.young, LEXICON_YOUNG, 0);
    return add_use(uses, count, &file->combination.sexual, LEXICON_SEXUAL, 0);
}

/* Terms of an item: words with a space between, "=" before one that is meant in this form alone */

static bool make_key(char kind, struct text text, struct term *ret)
{
    ret->key[0] = kind;
    return text_copy(ret->key + 1, sizeof ret->key - 1, text);
}

static enum stem_language language_of(enum script script)
{
    return script == SCRIPT_LATIN ? STEM_ENGLISH : STEM_RUSSIAN;
}

static char stem_kind(enum script script) { return script == SCRIPT_LATIN ? 'e' : 'r'; }

static bool make_term(struct text word, const struct list_use *use, struct stemmer *stemmer, struct term *ret)
{
    struct letter letters[ITEM_LETTERS_MAX];
    struct reading readings[READINGS_MAX];
    bool exact = word.len && word.at[0] == '=';
    struct word split[ITEM_LETTERS_MAX];
    struct reading *own = NULL;
    size_t count;
    int made;

    if (text_equal(word, text_of(AGE)))
        return make_key(*AGE, TEXT(""), ret);
    if (exact)
        word = (struct text){word.at + 1, word.len - 1};
    if (letters_room(word.len) > ITEM_LETTERS_MAX)
        return false;
    count = letters_fold(word, letters);
    if (wording_split(letters, count, split) != 1 || split[0].count != count)
        return false;
    made = wording_read(letters, count, readings);
    for (int i = 0; i < made && !own; i++) /* the first one is as it stands */
        if (readings[i].script == use->script)
            own = &readings[i];
    if (!own)
        return false;
    if (exact)
        return make_key('=', (struct text){own->text, own->len}, ret);
    return make_key(stem_kind(own->script),
                    stemmer_stem(stemmer, language_of(own->script), (struct text){own->text, own->len}), ret);
}

static bool item_fault(const struct list_use *use, int item, const char *why, struct err *reterr)
{
    return err_set(reterr, ERR_INTERNAL, "data_file", "%s[%d]: “%s”: %s", use->list->path, item, use->list->items[item],
                   why);
}

/* ret->terms is not filled: terms come first. */
static bool split_item(const struct list_use *use, int item, struct stemmer *stemmer,
                       struct term ret[LEXICON_SEQUENCE_MAX], int *ret_count, struct err *reterr)
{
    struct text rest = text_of(use->list->items[item]);

    for (*ret_count = 0; rest.at; (*ret_count)++) {
        struct text word = text_cut(&rest, ' ');
        if (*ret_count == LEXICON_SEQUENCE_MAX)
            return item_fault(use, item, "too many words", reterr);
        if (!make_term(word, use, stemmer, &ret[*ret_count]))
            return item_fault(use, item, "not words of this language", reterr);
    }
    return true;
}

/* Compiling */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct term *)a)->key, ((const struct term *)b)->key);
}

static int by_terms(const void *a, const void *b)
{
    const struct lexicon_sequence *x = a, *y = b;

    for (int i = 0; i < LEXICON_SEQUENCE_MAX; i++)
        if (x->terms[i] != y->terms[i])
            return x->terms[i] < y->terms[i] ? -1 : 1;
    return (x->count > y->count) - (x->count < y->count);
}

static size_t count_items(const struct list_use *uses, int count)
{
    size_t items = 0;

    for (int i = 0; i < count; i++)
        items += (size_t)uses[i].list->count;
    return items;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    if (!memory)
        abort();
    return memory;
}

static bool find_term(const struct lexicon *lexicon, const struct term *term, uint16_t *ret)
{
    const struct term *found = bsearch(term, lexicon->terms, lexicon->term_count, sizeof *term, by_key);

    if (found)
        *ret = (uint16_t)(found - lexicon->terms);
    return found != NULL;
}

static void settle_terms(struct lexicon *lexicon)
{
    size_t kept = 0;

    qsort(lexicon->terms, lexicon->term_count, sizeof *lexicon->terms, by_key);
    for (size_t i = 0; i < lexicon->term_count; i++)
        if (!kept || by_key(&lexicon->terms[kept - 1], &lexicon->terms[i]) != 0)
            lexicon->terms[kept++] = lexicon->terms[i];
    lexicon->term_count = kept;
    lexicon->terms = realloc(lexicon->terms, (kept ? kept : 1) * sizeof *lexicon->terms); /* smaller */
    if (!lexicon->terms)
        abort();
}

static bool gather_terms(struct lexicon *lexicon, const struct list_use *uses, int count, struct stemmer *stemmer,
                         struct err *reterr)
{
    lexicon->terms = allocate(count_items(uses, count) * LEXICON_SEQUENCE_MAX, sizeof *lexicon->terms);
    for (int u = 0; u < count; u++)
        for (int i = 0; i < uses[u].list->count; i++) {
            int more;
            if (!split_item(&uses[u], i, stemmer, lexicon->terms + lexicon->term_count, &more, reterr))
                return false;
            lexicon->term_count += (size_t)more;
        }
    settle_terms(lexicon);
    return lexicon->term_count < TERMS_LIMIT ||
           err_set(reterr, ERR_INTERNAL, "data_file", "over %d different words", TERMS_LIMIT);
}

/* The same words twice, also under another use: one of them would do nothing. */
static bool find_repeated(const struct lexicon *lexicon, const struct lexicon_sequence *one)
{
    for (size_t i = 0; i < lexicon->sequence_count; i++)
        if (by_terms(&lexicon->sequences[i], one) == 0)
            return true;
    return false;
}

static bool gather_sequences(struct lexicon *lexicon, const struct list_use *uses, int count, struct stemmer *stemmer,
                             struct err *reterr)
{
    lexicon->sequences = allocate(count_items(uses, count), sizeof *lexicon->sequences);
    for (int u = 0; u < count; u++)
        for (int i = 0; i < uses[u].list->count; i++) {
            struct lexicon_sequence one = {.use = uses[u].use, .category = uses[u].category};
            struct term terms[LEXICON_SEQUENCE_MAX];
            int words;
            if (!split_item(&uses[u], i, stemmer, terms, &words, reterr))
                return false;
            one.count = (uint16_t)words;
            for (int t = 0; t < words; t++)
                if (!find_term(lexicon, &terms[t], &one.terms[t]))
                    abort();
            if (find_repeated(lexicon, &one))
                return item_fault(&uses[u], i, "stands there already", reterr);
            lexicon->sequences[lexicon->sequence_count++] = one;
        }
    qsort(lexicon->sequences, lexicon->sequence_count, sizeof *lexicon->sequences, by_terms);
    return true;
}

static void index_sequences(struct lexicon *lexicon)
{
    size_t next = 0;

    lexicon->first = allocate(lexicon->term_count + 1, sizeof *lexicon->first);
    for (size_t term = 0; term <= lexicon->term_count; term++) {
        while (next < lexicon->sequence_count && lexicon->sequences[next].terms[0] < term)
            next++;
        lexicon->first[term] = (uint32_t)next;
    }
}

static void take_categories(struct lexicon *lexicon, const struct lexicon_file *file)
{
    for (int i = 0; i < file->categories.count; i++)
        lexicon->categories[i] = file->categories.at[i].about;
    lexicon->categories[file->categories.count] = file->combination.about;
    lexicon->category_count = file->categories.count + 1;
}

static bool compile(struct lexicon *lexicon, const struct lexicon_file *file, struct err *reterr)
{
    struct stemmer *stemmer = stemmer_open();
    struct list_use uses[LIST_USES_MAX];
    int count = all_uses(file, uses);
    bool done =
        gather_terms(lexicon, uses, count, stemmer, reterr) && gather_sequences(lexicon, uses, count, stemmer, reterr);

    stemmer_close(stemmer);
    if (!done)
        return false;
    index_sequences(lexicon);
    take_categories(lexicon, file);
    return true;
}

struct lexicon *lexicon_open(const char *path, struct err *reterr)
{
    struct lexicon_file *file = lexicon_file_read(path, reterr);
    struct lexicon *lexicon;
    struct err why;

    if (!file)
        return NULL;
    lexicon = allocate(1, sizeof *lexicon);
    if (!compile(lexicon, file, &why)) {
        (void)err_set(reterr, ERR_INTERNAL, "data_file", "%s: %s", path, why.detail);
        lexicon_close(lexicon);
        lexicon = NULL;
    }
    free(file);
    return lexicon;
}

struct lexicon *lexicon_open_under(const char *root, struct err *reterr)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof path, "%s/server/moderation/data/words.json", root) < sizeof path)
        return lexicon_open(path, reterr);
    (void)err_set(reterr, ERR_INTERNAL, "data_file", "the path of words.json is too long");
    return NULL;
}

void lexicon_close(struct lexicon *lexicon)
{
    if (!lexicon)
        return;
    free(lexicon->terms);
    free(lexicon->sequences);
    free(lexicon->first);
    free(lexicon);
}

/* Looking up */

const struct lexicon_category *lexicon_category(const struct lexicon *lexicon, int index)
{
    return index >= 0 && index < lexicon->category_count ? &lexicon->categories[index] : NULL;
}

int lexicon_combination(const struct lexicon *lexicon) { return lexicon->category_count - 1; }

static int add_term(const struct lexicon *lexicon, char kind, struct text text, uint16_t *terms, int count)
{
    struct term term;
    uint16_t id;

    if (count == LEXICON_TERMS_OF_WORD_MAX || !make_key(kind, text, &term) || !find_term(lexicon, &term, &id))
        return count;
    for (int i = 0; i < count; i++)
        if (terms[i] == id)
            return count;
    terms[count] = id;
    return count + 1;
}

int lexicon_terms(const struct lexicon *lexicon, struct stemmer *stemmer, const struct letter *letters, size_t count,
                  uint16_t ret[LEXICON_TERMS_OF_WORD_MAX])
{
    struct reading readings[READINGS_MAX];
    struct word word = {.letters = letters, .count = (uint32_t)count};
    int made = wording_read(letters, count, readings), number = wording_number(&word), found = 0;

    if (number > 0 && number < LEXICON_ADULT)
        found = add_term(lexicon, *AGE, TEXT(""), ret, found);
    for (int i = 0; i < made; i++) {
        struct text text = {readings[i].text, readings[i].len};
        found = add_term(lexicon, '=', text, ret, found);
        found = add_term(lexicon, stem_kind(readings[i].script),
                         stemmer_stem(stemmer, language_of(readings[i].script), text), ret, found);
    }
    return found;
}

const struct lexicon_sequence *lexicon_sequences(const struct lexicon *lexicon, uint16_t term, size_t *ret_count)
{
    assert(term < lexicon->term_count);
    *ret_count = lexicon->first[term + 1] - lexicon->first[term];
    return lexicon->sequences + lexicon->first[term];
}
