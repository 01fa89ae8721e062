#include "styles/style_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

enum { DIGITS = 32, MOST_SCORE = 0xffff };

/* 32 hexadecimal digits in the form of a UUID. */
static struct uuid key_of(const char digits[DIGITS + 1])
{
    struct uuid key;

    (void)snprintf(key.text, sizeof key.text, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16,
                   digits + 20);
    return key;
}

static int compare(const void *left, const void *right)
{
    const struct style_item *a = left, *b = right;

    return strcmp(a->key.text, b->key.text);
}

static int sorted(struct style_item *items, int count)
{
    qsort(items, (size_t)count, sizeof items[0], compare);
    return count;
}

int style_list_after(const struct style_item *items, int count, const struct uuid *key)
{
    int at = 0;

    while (*key->text && at < count && strcmp(items[at].key.text, key->text) <= 0)
        at++;
    return at;
}

/* The better found, the earlier. */
static unsigned short place_of(int score)
{
    return (unsigned short)(MOST_SCORE - (score < MOST_SCORE ? score : MOST_SCORE));
}

static struct style_item shipped_item(const struct style *style, int score)
{
    struct style_item item = {.style = style, .own_row = -1};
    char digits[DIGITS + 1];

    (void)snprintf(digits, sizeof digits, "%04hx1%08x%019d", place_of(score), (unsigned)style->index, 0);
    item.key = key_of(digits);
    return item;
}

/* Ids of version 7 grow with time: the newest comes first when each digit is turned over. */
static struct style_item own_item(struct uuid id, int row, int score)
{
    struct style_item item = {.own_row = row};
    char digits[DIGITS + 1];
    size_t used = (size_t)snprintf(digits, sizeof digits, "%04hx0", place_of(score));

    for (const char *c = id.text; *c && used < DIGITS; c++)
        if (*c != '-')
            digits[used++] = "fedcba9876543210"[*c <= '9' ? *c - '0' : *c - 'a' + 10];
    digits[used] = '\0';
    item.key = key_of(digits);
    return item;
}

static int add_own(const PGresult *own, const struct style_query *query, struct style_item *ret)
{
    struct stemmer *stemmer = stemmer_open();
    int count = 0;

    for (int i = 0; i < rows_count(own) && i < OWN_STYLES_MAX; i++) {
        struct own_style style = own_style_from_row(rows_at(own, i));
        int score = style_query_score_own(query, &style, stemmer);
        if (score)
            ret[count++] = own_item(style.id, i, score);
    }
    stemmer_close(stemmer);
    return count;
}

int style_list_found(const struct styles *styles, const PGresult *own, const char *category,
                     const struct style_query *query, struct style_item ret[STYLE_ITEMS_MAX])
{
    bool only_own = strcmp(category, STYLES_OWN_CATEGORY) == 0;
    int count = own && (only_own || !*category) ? add_own(own, query, ret) : 0;
    const struct style *style;

    for (int i = 0; !only_own && (style = styles_at(styles, i)); i++) {
        int score = styles_in(style, category) ? style_query_score(query, styles, style) : 0;
        if (score)
            ret[count++] = shipped_item(style, score);
    }
    return sorted(ret, count);
}

static int row_of(const PGresult *own, const char *id)
{
    for (int i = 0; own && i < rows_count(own); i++) {
        struct row row = rows_at(own, i);
        if (strcmp(row_text(&row), id) == 0)
            return i;
    }
    return -1;
}

int style_list_favorites(const struct styles *styles, const PGresult *favorites, const PGresult *own,
                         struct style_item ret[STYLE_ITEMS_MAX])
{
    int count = 0;

    for (int i = 0; i < rows_count(favorites) && count < STYLE_ITEMS_MAX; i++) {
        struct row row = rows_at(favorites, i);
        const char *id = row_text(&row);
        struct style_item item = {.style = styles_find(styles, id), .own_row = row_of(own, id)};
        unsigned char hash[SHA256_BYTES];
        char digits[DIGITS + 1];
        if (!item.style && item.own_row < 0)
            continue;
        crypto_sha256(text_of(id), hash);
        (void)snprintf(digits, sizeof digits, "%016llx", (unsigned long long)(INT64_MAX - row_int64(&row)));
        hex_write(hash, 8, digits + 16);
        item.key = key_of(digits);
        ret[count++] = item;
    }
    return sorted(ret, count);
}

int style_list_popular(const struct styles *styles, const struct style_uses *uses, const char *category,
                       struct style_item ret[STYLE_ITEMS_MAX])
{
    const struct style *order[STYLES_MAX];
    int of = style_popular_order(styles, uses, order), count = 0, turn = 0;

    for (int i = 0; i < of; i++) {
        int64_t used = uses->of[order[i]->index];
        char digits[DIGITS + 1];
        turn = i && used == uses->of[order[i - 1]->index] ? turn + 1 : 0;
        if (!styles_in(order[i], category))
            continue;
        (void)snprintf(digits, sizeof digits, "%016llx%08x%08x", (unsigned long long)(INT64_MAX - used), (unsigned)turn,
                       (unsigned)order[i]->index);
        ret[count] = (struct style_item){.style = order[i], .own_row = -1, .uses = used, .key = key_of(digits)};
        count++;
    }
    return sorted(ret, count);
}
