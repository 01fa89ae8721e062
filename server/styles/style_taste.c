#include "styles/style_taste.h"

#include <stdlib.h>

enum { ENOUGH = 3 /* whoever made it so often knows it */, ROW = 12, OF_ONE_GROUP = 4, COUNTED_MOST = 5 };

/* Who has made 200,000 pictures pays no more for this than others. */
struct query style_history_of(struct uuid user)
{
    struct query q =
        query_read("SELECT g.template_id, count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM images i"
                   " WHERE i.user_id = $1 AND i.generation_id = g.id AND i.is_favorite AND i.deleted_at IS NULL))"
                   " FROM (SELECT id, template_id FROM generations WHERE user_id = $1 ORDER BY id DESC LIMIT 500) g"
                   " WHERE g.template_id IS NOT NULL GROUP BY g.template_id");

    query_add_uuid(&q, user);
    return q;
}

void style_taste_add_favorites(struct style_taste *taste, const struct styles *styles, const PGresult *favorites)
{
    for (int i = 0; i < rows_count(favorites); i++) {
        struct row row = rows_at(favorites, i);
        const struct style *style = styles_find(styles, row_text(&row));
        if (style)
            taste->favorite[style->index] = true;
    }
}

void style_taste_add_history(struct style_taste *taste, const struct styles *styles, const PGresult *history)
{
    for (int i = 0; i < rows_count(history); i++) {
        struct row row = rows_at(history, i);
        const struct style *style = styles_find(styles, row_text(&row));
        if (!style)
            continue;
        taste->made[style->index] = row_int64(&row);
        taste->liked[style->index] = row_int64(&row);
    }
}

/* How much this style says of who likes what. */
static int64_t evidence(const struct style_taste *taste, const struct style *style)
{
    int64_t made = taste->made[style->index], liked = taste->liked[style->index];

    return (taste->favorite[style->index] ? 3 : 0) + (made < COUNTED_MOST ? made : COUNTED_MOST) +
           2 * (liked < COUNTED_MOST ? liked : COUNTED_MOST);
}

bool style_taste_is_known(const struct style_taste *taste)
{
    for (int i = 0; i < STYLES_MAX; i++)
        if (taste->favorite[i] || taste->made[i])
            return true;
    return false;
}

static int likeness(const struct style *a, const struct style *b)
{
    int like = a->group == b->group ? 3 : 0;

    for (int i = 0; i < a->tags.count; i++)
        for (int j = 0; j < b->tags.count; j++)
            like += a->tags.at[i] == b->tags.at[j];
    return like;
}

struct candidate {
    struct style_recommendation said;
    double score;
    int64_t uses;
    int popularity; /* place among the popular */
    bool taken;
};

/* By what is known of the user; without, by what others make. */
static void judge(struct candidate *c, const struct styles *styles, const struct style_taste *taste)
{
    const struct style *style;
    int64_t most = 0;

    for (int i = 0; (style = styles_at(styles, i)); i++) {
        int64_t part = style == c->said.style ? 0 : evidence(taste, style) * likeness(style, c->said.style);
        c->score += (double)part;
        if (part > most) {
            most = part;
            c->said.because = style;
        }
    }
    c->score /= 1.0 + (double)taste->made[c->said.style->index];
    if (c->said.because)
        c->said.reason = taste->favorite[c->said.because->index] ? STYLE_LIKE_FAVORITE : STYLE_LIKE_MADE;
    else
        c->said.reason = c->uses ? STYLE_POPULAR : STYLE_VARIETY;
}

static int compare(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    if (a->score < b->score || a->score > b->score)
        return a->score > b->score ? -1 : 1;
    return a->popularity - b->popularity;
}

static int make_candidates(const struct styles *styles, const struct style_taste *taste, const struct style_uses *uses,
                           struct candidate all[STYLES_MAX])
{
    const struct style *popular[STYLES_MAX];
    int count = 0, of = style_popular_order(styles, uses, popular);

    for (int i = 0; i < of; i++) {
        int at = popular[i]->index;
        if (taste->favorite[at] || taste->made[at] >= ENOUGH)
            continue;
        all[count] = (struct candidate){.said.style = popular[i], .uses = uses->of[at], .popularity = i};
        judge(&all[count++], styles, taste);
    }
    qsort(all, (size_t)count, sizeof all[0], compare);
    return count;
}

static bool is_too_much(const struct style_recommendation *made, int count, const struct style *style)
{
    int same = 0;

    for (int i = count >= ROW ? count - ROW + 1 : 0; i < count; i++)
        same += made[i].style->group == style->group;
    return same >= OF_ONE_GROUP;
}

/* The best that may come now; when none may, the best of all. */
static struct candidate *choose(struct candidate *all, int count, const struct style_recommendation *made, int done)
{
    struct candidate *best = NULL;

    for (int i = 0; i < count; i++) {
        if (all[i].taken)
            continue;
        if (!is_too_much(made, done, all[i].said.style))
            return &all[i];
        best = best ? best : &all[i];
    }
    return best;
}

int style_recommend(const struct styles *styles, const struct style_taste *taste, const struct style_uses *uses,
                    struct style_recommendation *ret, int max)
{
    struct candidate all[STYLES_MAX];
    int count = make_candidates(styles, taste, uses, all), done;

    for (done = 0; done < count && done < max; done++) {
        struct candidate *next = choose(all, count, ret, done);
        next->taken = true;
        ret[done] = next->said;
    }
    return done;
}

const char *style_reason_name(enum style_reason reason)
{
    static const char *const NAMES[] = {[STYLE_LIKE_FAVORITE] = "like_favorite",
                                        [STYLE_LIKE_MADE] = "like_made",
                                        [STYLE_POPULAR] = "popular",
                                        [STYLE_VARIETY] = "variety"};

    return NAMES[reason];
}

void style_reason_write(const struct style_recommendation *r, enum lang lang, struct buf *to)
{
    const char *title = r->because ? words_in(&r->because->title, lang) : "";
    bool ru = lang == LANG_RU;

    switch (r->reason) {
    case STYLE_LIKE_FAVORITE:
        (void)buf_add_format(to, ru ? "Похоже на «%s» из избранного" : "Like “%s” among your favourites", title);
        return;
    case STYLE_LIKE_MADE:
        (void)buf_add_format(to, ru ? "Похоже на «%s»: с ним вы уже создавали" : "Like “%s”, which you have used",
                             title);
        return;
    case STYLE_POPULAR:
        (void)buf_add_text(to, ru ? "Популярно за последние 30 дней" : "Popular in the last 30 days");
        return;
    case STYLE_VARIETY:
        (void)buf_add_text(to,
                           ru ? "Для начала: понемногу из каждого раздела" : "To begin with: something of each kind");
    }
}
