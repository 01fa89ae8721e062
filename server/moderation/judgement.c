#include "moderation/judgement.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum {
    TIED_MAX = 8,       /* pieces of one word that is torn apart: we-ap-on */
    SPELLED_MIN = 3,    /* letters that stand alone, one after the other: g u n */
    SPELLED_INSIDE = 4, /* the same amid others: x g u n s y */
    SPELLED_MAX = 14,
    SPELLED_LOOKS = 1500, /* so often in one text: some milliseconds */
};

struct seen {
    struct word word;
    uint16_t terms[LEXICON_TERMS_OF_WORD_MAX];
    int term_count;
    size_t allowed_to; /* the word behind the longest allowed sequence that begins here; 0: none */
};

struct page {
    const struct lexicon *lexicon;
    struct stemmer *stemmer;
    struct letter *letters;
    struct seen *words;
    size_t count;
    int spelled;      /* how often words were looked for amid single letters */
    size_t denied_to; /* the word behind what was denied last */
    struct finding finding, young;
    bool sexual; /* something that may not stand beside somebody young */
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    if (!memory)
        abort();
    return memory;
}

static struct page page_open(const struct lexicon *lexicon, struct text text)
{
    struct page page = {
        .lexicon = lexicon, .stemmer = stemmer_open(), .finding = {.category = -1}, .young = {.category = -1}};
    struct word *words;
    size_t letters;

    page.letters = allocate(letters_room(text.len), sizeof *page.letters);
    letters = letters_fold(text, page.letters);
    words = allocate(letters, sizeof *words);
    page.count = wording_split(page.letters, letters, words);
    page.words = allocate(page.count, sizeof *page.words);
    for (size_t i = 0; i < page.count; i++) {
        struct seen *seen = &page.words[i];
        seen->word = words[i];
        seen->term_count = lexicon_terms(lexicon, page.stemmer, words[i].letters, words[i].count, seen->terms);
    }
    free(words);
    return page;
}

static void page_close(struct page *page)
{
    stemmer_close(page->stemmer);
    free(page->letters);
    free(page->words);
}

static bool has_term(const struct seen *seen, uint16_t term)
{
    for (int i = 0; i < seen->term_count; i++)
        if (seen->terms[i] == term)
            return true;
    return false;
}

/* "blood, orange" is no fruit. */
static bool is_one_breath(enum lexicon_use use) { return use == LEXICON_ALLOWED || use == LEXICON_DENIAL; }

static bool stands_at(const struct page *page, size_t at, const struct lexicon_sequence *sequence)
{
    if (at + sequence->count > page->count)
        return false;
    for (size_t i = 1; i < sequence->count; i++) {
        const struct seen *seen = &page->words[at + i];
        if (!has_term(seen, sequence->terms[i]) || (is_one_breath(sequence->use) && !seen->word.is_beside))
            return false;
    }
    return true;
}

/* Calls found for every sequence of the lexicon that begins at that word. */
static void each_sequence(struct page *page, size_t at,
                          void (*found)(struct page *page, size_t at, const struct lexicon_sequence *sequence))
{
    for (int t = 0; t < page->words[at].term_count; t++) {
        size_t count;
        const struct lexicon_sequence *sequences = lexicon_sequences(page->lexicon, page->words[at].terms[t], &count);
        for (size_t i = 0; i < count; i++)
            if (stands_at(page, at, &sequences[i]))
                found(page, at, &sequences[i]);
    }
}

static void note_allowed(struct page *page, size_t at, const struct lexicon_sequence *sequence)
{
    if (sequence->use == LEXICON_ALLOWED && at + sequence->count > page->words[at].allowed_to)
        page->words[at].allowed_to = at + sequence->count;
}

static bool is_allowed(const struct page *page, size_t from, size_t to)
{
    size_t first = from < LEXICON_SEQUENCE_MAX ? 0 : from - LEXICON_SEQUENCE_MAX + 1;

    for (size_t i = first; i <= from; i++)
        if (page->words[i].allowed_to >= to)
            return true;
    return false;
}

static bool has_use(const struct page *page, size_t at, enum lexicon_use use, size_t words)
{
    for (int t = 0; t < page->words[at].term_count; t++) {
        size_t count;
        const struct lexicon_sequence *sequences = lexicon_sequences(page->lexicon, page->words[at].terms[t], &count);
        for (size_t i = 0; i < count; i++)
            if (sequences[i].use == use && sequences[i].count == words && stands_at(page, at, &sequences[i]))
                return true;
    }
    return false;
}

/* Nothing hangs on it: in "no blood covered face" a face is what is denied, and a picture shows the blood. */
static bool ends_at(const struct page *page, size_t to)
{
    return to == page->count || !page->words[to].word.is_beside || has_use(page, to, LEXICON_LINK, 1) ||
           has_use(page, to, LEXICON_TAIL, 1);
}

/* "no blood", and then "or gore", ", violence". */
static bool is_denied(const struct page *page, size_t at, size_t to)
{
    if (at == 0 || !ends_at(page, to))
        return false;
    if (page->denied_to == at)
        return page->words[at].word.is_listed;
    if (page->denied_to && page->denied_to == at - 1 && has_use(page, at - 1, LEXICON_LINK, 1))
        return page->words[at - 1].word.is_listed && page->words[at].word.is_beside;
    return page->words[at].word.is_beside &&
           (has_use(page, at - 1, LEXICON_DENIAL, 1) || (at > 1 && has_use(page, at - 2, LEXICON_DENIAL, 2)));
}

static struct finding finding_of(const struct page *page, int category, size_t from, size_t to)
{
    const struct word *last = &page->words[to - 1].word;

    return (struct finding){category, page->words[from].word.letters[0].from, last->letters[last->count - 1].to};
}

static void blame(struct page *page, int category, size_t from, size_t to)
{
    if (page->finding.category < 0 || category < page->finding.category)
        page->finding = finding_of(page, category, from, to);
}

static void note(struct page *page, const struct lexicon_sequence *sequence, size_t from, size_t to)
{
    bool deniable = sequence->use == LEXICON_DENIABLE, blocked = deniable || sequence->use == LEXICON_BLOCKED;

    if (sequence->use == LEXICON_YOUNG && page->young.category < 0)
        page->young = finding_of(page, lexicon_combination(page->lexicon), from, to);
    if (sequence->use == LEXICON_SEXUAL || (blocked && lexicon_category(page->lexicon, sequence->category)->sexualises))
        page->sexual = true; /* denied or not */
    if (deniable && is_denied(page, from, to))
        page->denied_to = to;
    else if (blocked)
        blame(page, sequence->category, from, to);
}

static void note_found(struct page *page, size_t at, const struct lexicon_sequence *sequence)
{
    if (!is_allowed(page, at, at + sequence->count))
        note(page, sequence, at, at + sequence->count);
}

/* Words that are torn apart */

/* Are the letters of these words, put together, one that is listed? */
static void read_together(struct page *page, size_t from, size_t to)
{
    struct letter letters[WORDING_LETTERS_MAX];
    uint16_t terms[LEXICON_TERMS_OF_WORD_MAX];
    size_t count = 0, sequences;
    int found;

    for (size_t i = from; i < to; i++) {
        const struct word *word = &page->words[i].word;
        if (count + word->count > WORDING_LETTERS_MAX)
            return;
        memcpy(letters + count, word->letters, word->count * sizeof *letters);
        count += word->count;
    }
    found = lexicon_terms(page->lexicon, page->stemmer, letters, count, terms);
    for (int t = 0; t < found; t++) {
        const struct lexicon_sequence *sequence = lexicon_sequences(page->lexicon, terms[t], &sequences);
        for (size_t i = 0; i < sequences; i++)
            if (sequence[i].count == 1)
                note(page, &sequence[i], from, to);
    }
}

static void read_tied(struct page *page)
{
    for (size_t from = 0, to; from < page->count; from = to) {
        for (to = from + 1; to < page->count && page->words[to].word.is_tied; to++)
            ;
        if (to - from > 1 && to - from <= TIED_MAX && !is_allowed(page, from, to))
            read_together(page, from, to);
    }
}

/* The whole, without the article before it, and longer words inside. */
static void read_run(struct page *page, size_t from, size_t to)
{
    if (to - from <= SPELLED_MAX)
        read_together(page, from, to);
    if (to - from > SPELLED_MIN && to - from - 1 <= SPELLED_MAX)
        read_together(page, from + 1, to);
    for (size_t i = from; i < to && page->spelled < SPELLED_LOOKS; i++)
        for (size_t end = i + SPELLED_INSIDE; end <= to && end - i <= SPELLED_MAX; end++, page->spelled++)
            read_together(page, i, end);
}

static bool is_letter_alone(const struct word *word)
{
    enum script script;

    return word->count == 1 && lookalike_is_letter(word->letters[0].c, &script);
}

static void read_spelled(struct page *page)
{
    for (size_t from = 0, to; from < page->count; from = to + 1) {
        for (to = from; to < page->count && is_letter_alone(&page->words[to].word); to++)
            ;
        if (to - from >= SPELLED_MIN)
            read_run(page, from, to);
    }
}

struct finding judgement_of(const struct lexicon *lexicon, struct text text)
{
    CLEANUP(page_close) struct page page = page_open(lexicon, text);

    for (size_t i = 0; i < page.count; i++)
        each_sequence(&page, i, note_allowed);
    for (size_t i = 0; i < page.count; i++)
        each_sequence(&page, i, note_found);
    read_tied(&page);
    read_spelled(&page);
    return page.sexual && page.young.category >= 0 ? page.young : page.finding;
}
