#include "web/create_shelves.h"

#include "local.h"
#include "styles/style_popular.h"
#include "styles/style_taste.h"
#include "styles/styles.h"
#include "web/page.h"

enum { SHELVES_MAX = 5 };

struct making {
    struct call *call;
    const struct style_reads *reads;
    const struct styles *styles;
    struct style_uses uses;
    bool shown[STYLES_MAX]; /* a style stands in one row only, but for one's favourites */
    struct style_shelf *shelves;
    size_t count;
};

static struct style_card *begin(struct making *m, const char *id, const char *title, const char *more_url)
{
    struct style_shelf *shelf = &m->shelves[m->count];

    *shelf = (struct style_shelf){.id = id, .title = page_text(m->call, title), .more_url = more_url};
    return call_alloc(m->call, CREATE_SHELF_CARDS * sizeof(struct style_card));
}

/* Keeps the row unless it is empty. */
static void end(struct making *m, struct style_card *cards, size_t count)
{
    m->shelves[m->count].cards = (struct view_items){cards, count};
    m->count += count > 0;
}

static bool take(struct making *m, const struct style *style, struct style_card *to)
{
    if (m->shown[style->index])
        return false;
    m->shown[style->index] = true;
    *to = style_card_make(m->call, style, m->reads);
    return true;
}

static void add_recommended(struct making *m, const struct style_taste *taste)
{
    struct style_recommendation found[CREATE_SHELF_CARDS];
    struct style_card *cards;
    size_t count = 0;
    int most;

    if (!style_taste_is_known(taste))
        return;
    cards = begin(m, "recommended", "styles.recommended", NULL);
    most = style_recommend(m->styles, taste, &m->uses, found, CREATE_SHELF_CARDS);
    for (int i = 0; i < most; i++)
        count += take(m, found[i].style, &cards[count]);
    end(m, cards, count);
}

static bool somebody_made_one(const struct making *m)
{
    for (int i = 0; i < styles_count(m->styles); i++)
        if (m->uses.of[i] > 0)
            return true;
    return false;
}

static void add_popular(struct making *m)
{
    const struct style *order[STYLES_MAX];
    int most = style_popular_order(m->styles, &m->uses, order);
    struct style_card *cards =
        begin(m, "popular", somebody_made_one(m) ? "styles.popular" : "styles.to_begin", "/styles");
    size_t count = 0;

    for (int i = 0; i < most && count < CREATE_SHELF_CARDS; i++)
        count += take(m, order[i], &cards[count]);
    end(m, cards, count);
}

static void add_quick(struct making *m)
{
    struct style_card *cards = begin(m, "quick", "styles.quick", NULL);
    const struct style *style;
    size_t count = 0;

    m->shelves[m->count].hint = page_text(m->call, "styles.quick_hint");
    for (int i = 0; (style = styles_at(m->styles, i)) && count < CREATE_SHELF_CARDS; i++)
        if (style->quick)
            count += take(m, style, &cards[count]);
    end(m, cards, count);
}

static void add_favorites(struct making *m)
{
    struct style_card *cards = begin(m, "favorites", "styles.favorites", "/styles?category=favorites");
    size_t count = 0;

    for (int i = 0; i < rows_count(m->reads->favorites) && count < CREATE_SHELF_CARDS; i++) {
        struct row row = rows_at(m->reads->favorites, i);
        count += style_card_find(m->call, row_text(&row), m->reads, &cards[count]);
    }
    end(m, cards, count);
}

static void add_own(struct making *m)
{
    struct style_card *cards = begin(m, "own-styles", "styles.own", "/styles?category=" STYLES_OWN_CATEGORY);
    size_t count = 0;

    for (int i = 0; i < rows_count(m->reads->own) && count < CREATE_SHELF_CARDS; i++) {
        const struct own_style own = own_style_from_row(rows_at(m->reads->own, i));
        cards[count++] = style_card_make_own(m->call, &own, m->reads);
    }
    end(m, cards, count);
}

struct view_items create_shelves(struct call *call, const struct style_reads *reads, const PGresult *uses,
                                 const PGresult *history)
{
    struct making m = {.call = call, .reads = reads, .styles = local_of(call)->styles};
    struct style_taste taste = {0};

    m.shelves = call_alloc(call, SHELVES_MAX * sizeof *m.shelves);
    m.uses = style_uses_from_rows(m.styles, uses);
    style_taste_add_favorites(&taste, m.styles, reads->favorites);
    style_taste_add_history(&taste, m.styles, history);
    add_recommended(&m, &taste);
    add_popular(&m);
    add_quick(&m);
    add_favorites(&m);
    add_own(&m);
    return (struct view_items){m.shelves, m.count};
}
