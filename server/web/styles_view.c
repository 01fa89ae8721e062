#include "web/styles_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stem.h"
#include "local.h"
#include "styles/styles.h"

#define FAVORITES "favorites"

enum { TABS_MAX = 3 + STYLE_CATEGORIES_MAX, SHELVES_MAX = STYLE_CATEGORIES_MAX * STYLE_GROUPS_MAX };

struct tab_view {
    const char *emoji, *title, *url;
    bool is_current, is_favorites, is_own;
};

struct styles_view {
    struct style_desk desk;
    const char *q, *category, *avatar;
    const char *clear_url; /* the same without words */
    struct view_items tabs, groups, shelves;
    int64_t count;
    bool is_search, is_favorites, is_own, has_groups, has_none;
};

static const struct view_field TAB_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct tab_view, emoji),
    VIEW_FIELD(VIEW_STRING, struct tab_view, title),
    VIEW_FIELD(VIEW_STRING, struct tab_view, url),
    VIEW_FIELD(VIEW_BOOL, struct tab_view, is_current),
    VIEW_FIELD(VIEW_BOOL, struct tab_view, is_favorites),
    VIEW_FIELD(VIEW_BOOL, struct tab_view, is_own),
    {0},
};
static const struct view_type tab_type = VIEW_TYPE(struct tab_view, TAB_FIELDS);

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRUCT, struct styles_view, desk, .type = &style_desk_type),
    VIEW_FIELD(VIEW_STRING, struct styles_view, q),
    VIEW_FIELD(VIEW_STRING, struct styles_view, category),
    VIEW_FIELD(VIEW_STRING, struct styles_view, avatar),
    VIEW_FIELD(VIEW_STRING, struct styles_view, clear_url),
    VIEW_FIELD(VIEW_ITEMS, struct styles_view, tabs, .type = &tab_type),
    VIEW_FIELD(VIEW_ITEMS, struct styles_view, groups, .type = &tab_type),
    VIEW_FIELD(VIEW_ITEMS, struct styles_view, shelves, .type = &style_shelf_type),
    VIEW_FIELD(VIEW_INT64, struct styles_view, count),
    VIEW_FIELD(VIEW_BOOL, struct styles_view, is_search),
    VIEW_FIELD(VIEW_BOOL, struct styles_view, is_favorites),
    VIEW_FIELD(VIEW_BOOL, struct styles_view, is_own),
    VIEW_FIELD(VIEW_BOOL, struct styles_view, has_groups),
    VIEW_FIELD(VIEW_BOOL, struct styles_view, has_none),
    {0},
};
const struct view_type styles_view_type = VIEW_TYPE(struct styles_view, FIELDS);

bool styles_view_knows(const struct call *call, const char *category)
{
    const struct styles *styles = local_of(call)->styles;

    return !*category || strcmp(category, FAVORITES) == 0 || strcmp(category, STYLES_OWN_CATEGORY) == 0 ||
           styles_category(styles, category) || styles_group(styles, category);
}

/* "/styles?category=…&q=…&avatar=…"; NULL or "": without that. */
static const char *link_of(struct call *call, const char *category, const char *q, const char *avatar)
{
    char link[120 + 12 * STYLE_QUERY_MAX], words[12 * STYLE_QUERY_MAX + 1] = "";
    const char *parts[] = {"category=", category, "q=", words, "avatar=", avatar};
    size_t len = (size_t)snprintf(link, sizeof link, "/styles");
    char between = '?';

    if (q)
        (void)text_percent_encode(text_of(q), words, sizeof words);
    for (size_t i = 0; i < 6; i += 2)
        if (parts[i + 1] && *parts[i + 1] && len < sizeof link) {
            len += (size_t)snprintf(link + len, sizeof link - len, "%c%s%s", between, parts[i], parts[i + 1]);
            between = '&';
        }
    return call_text(call, text_of(link));
}

static const char *here_of(struct call *call, const struct styles_query *query)
{
    const char *link = link_of(call, query->category, query->q, NULL);
    char here[200 + 12 * STYLE_QUERY_MAX];

    (void)snprintf(here, sizeof here, "%s%c", link, strchr(link, '?') ? '&' : '?');
    return call_text(call, text_of(here));
}

static const struct style_category *category_around(const struct styles *styles, const char *id)
{
    const struct style_group *group = styles_group(styles, id);

    return group ? group->category : styles_category(styles, id);
}

static struct view_items tabs_of(struct call *call, const struct styles_query *query)
{
    const struct styles *styles = local_of(call)->styles;
    const struct style_category *current = category_around(styles, query->category), *at;
    struct tab_view *tabs = call_alloc(call, TABS_MAX * sizeof *tabs);
    const char *avatar = query->avatar.text;
    size_t count = 0;

    tabs[count++] = (struct tab_view){.title = page_text(call, "styles.all"),
                                      .url = link_of(call, NULL, query->q, avatar),
                                      .is_current = !*query->category};
    for (int i = 0; (at = styles_category_at(styles, i)) && count < TABS_MAX - 2; i++)
        tabs[count++] = (struct tab_view){.emoji = at->emoji,
                                          .title = words_in(&at->title, call->lang),
                                          .url = link_of(call, at->id, query->q, avatar),
                                          .is_current = at == current};
    tabs[count++] = (struct tab_view){.title = page_text(call, "styles.favorites"),
                                      .url = link_of(call, FAVORITES, query->q, avatar),
                                      .is_favorites = true,
                                      .is_current = strcmp(query->category, FAVORITES) == 0};
    tabs[count++] = (struct tab_view){.title = page_text(call, "styles.own"),
                                      .url = link_of(call, STYLES_OWN_CATEGORY, query->q, avatar),
                                      .is_own = true,
                                      .is_current = strcmp(query->category, STYLES_OWN_CATEGORY) == 0};
    return (struct view_items){tabs, count};
}

static struct view_items groups_of(struct call *call, const struct styles_query *query)
{
    const struct style_category *category = category_around(local_of(call)->styles, query->category);
    struct tab_view *groups = call_alloc(call, STYLE_GROUPS_MAX * sizeof *groups);
    int count = category ? category->groups.count : 0;

    for (int i = 0; i < count; i++) {
        const struct style_group *group = &category->groups.at[i];
        bool is_current = strcmp(group->id, query->category) == 0;
        groups[i] =
            (struct tab_view){.emoji = group->emoji,
                              .title = words_in(&group->title, call->lang),
                              .url = link_of(call, is_current ? category->id : group->id, query->q, query->avatar.text),
                              .is_current = is_current};
    }
    return (struct view_items){groups, (size_t)count};
}

/* What is shown */

struct found {
    struct style_card card;
    int score, order;
};

struct finding {
    struct call *call;
    const struct styles_query *query;
    const struct style_reads *reads;
    struct style_query words;
    struct found *at;
    size_t count, most;
};

static void add(struct finding *f, struct style_card card, int score)
{
    if (f->count < f->most && score > 0) {
        f->at[f->count] = (struct found){card, score, (int)f->count};
        f->count++;
    }
}

static bool is_wanted(const struct finding *f, const struct style *style)
{
    if (strcmp(f->query->category, FAVORITES) == 0)
        return style_reads_like(f->reads, style->id);
    return strcmp(f->query->category, STYLES_OWN_CATEGORY) != 0 && styles_in(style, f->query->category);
}

static void add_shipped(struct finding *f)
{
    const struct styles *styles = local_of(f->call)->styles;
    const struct style *style;

    for (int i = 0; (style = styles_at(styles, i)); i++)
        if (is_wanted(f, style))
            add(f, style_card_make(f->call, style, f->reads),
                f->words.asked ? style_query_score(&f->words, styles, style) : 1);
}

/* Own ones stand under their own tab, among the favourites, and among what a search finds anywhere. */
static void add_own(struct finding *f)
{
    bool favorites = strcmp(f->query->category, FAVORITES) == 0;
    struct stemmer *stemmer;

    if (!favorites && strcmp(f->query->category, STYLES_OWN_CATEGORY) != 0 && (*f->query->category || !f->words.asked))
        return;
    stemmer = stemmer_open();
    for (int i = 0; i < rows_count(f->reads->own); i++) {
        const struct own_style own = own_style_from_row(rows_at(f->reads->own, i));
        if (!favorites || style_reads_like(f->reads, own.id.text))
            add(f, style_card_make_own(f->call, &own, f->reads),
                f->words.asked ? style_query_score_own(&f->words, &own, stemmer) : 1);
    }
    stemmer_close(stemmer);
}

static int compare(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    return x->score != y->score ? (x->score < y->score ? 1 : -1) : x->order - y->order;
}

static struct view_items cards_of(struct finding *f, const char *group)
{
    struct style_card *cards = call_alloc(f->call, (f->count + 1) * sizeof *cards);
    size_t count = 0;

    for (size_t i = 0; i < f->count; i++)
        if (!group || strcmp(f->at[i].card.group, group) == 0)
            cards[count++] = f->at[i].card;
    return (struct view_items){cards, count};
}

/* By groups, as they stand in the data; what was searched for, favourites and own ones in one row. */
static struct view_items shelves_of(struct finding *f, bool by_groups)
{
    const struct styles *styles = local_of(f->call)->styles;
    struct style_shelf *shelves = call_alloc(f->call, SHELVES_MAX * sizeof *shelves);
    const struct style_category *category;
    size_t count = 0;

    if (!by_groups && f->count)
        shelves[count++] = (struct style_shelf){.id = "found", .cards = cards_of(f, NULL)};
    for (int i = 0; by_groups && (category = styles_category_at(styles, i)); i++)
        for (int j = 0; j < category->groups.count && count < SHELVES_MAX; j++) {
            const struct style_group *group = &category->groups.at[j];
            struct style_shelf shelf = {.id = group->id,
                                        .emoji = group->emoji,
                                        .title = words_in(&group->title, f->call->lang),
                                        .cards = cards_of(f, group->id)};
            if (shelf.cards.count)
                shelves[count++] = shelf;
        }
    return (struct view_items){shelves, count};
}

const struct styles_view *styles_view_make(struct call *call, const struct styles_query *query,
                                           const struct style_reads *reads)
{
    const struct styles *styles = local_of(call)->styles;
    struct finding f = {.call = call, .query = query, .reads = reads, .words = style_query_read(text_of(query->q))};
    struct styles_view *view = call_alloc(call, sizeof *view);

    f.most = (size_t)styles_count(styles) + (size_t)rows_count(reads->own);
    f.at = call_alloc(call, (f.most + 1) * sizeof *f.at);
    add_shipped(&f);
    add_own(&f);
    *view = (struct styles_view){.q = query->q, .category = query->category, .avatar = query->avatar.text};
    view->is_search = f.words.asked;
    view->is_favorites = strcmp(query->category, FAVORITES) == 0;
    view->is_own = strcmp(query->category, STYLES_OWN_CATEGORY) == 0;
    if (view->is_search)
        qsort(f.at, f.count, sizeof *f.at, compare);
    view->desk = style_desk_make(call, reads, query->avatar, here_of(call, query));
    view->clear_url = link_of(call, query->category, NULL, query->avatar.text);
    view->tabs = tabs_of(call, query);
    view->groups = groups_of(call, query);
    view->has_groups = view->groups.count > 1;
    view->shelves = shelves_of(&f, !view->is_search && !view->is_favorites && !view->is_own);
    view->count = (int64_t)f.count;
    view->has_none = f.count == 0;
    return view;
}
