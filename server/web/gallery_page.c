#include "web/gallery_page.h"

#include "avatars/avatar.h"
#include "generations/generation.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "web/gallery_view.h"
#include "web/generation_card.h"

enum { CARDS = 12 /* of generations, on top of the pictures */ };

const struct page gallery_page = {"gallery/index", &gallery_view_type, PLACE_IMAGES};

/* What the steps keep: the rows live as long as the call when there is a further wait. */
struct show {
    struct gallery_query query;
    struct timeline_asked asked;
    struct timeline timeline;
};

static struct next got_timeline(struct call *call, const PGresult *rows);
static struct next got_stirring(struct call *call, const PGresult *rows);
static struct next got_avatars(struct call *call, const PGresult *rows);

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_UUID, struct gallery_query, before, .present = 0),
    QUERY_FIELD(QUERY_UUID, struct gallery_query, after, .present = 0),
    QUERY_FIELD(QUERY_UUID, struct gallery_query, from, .present = 0),
    QUERY_FIELD(QUERY_UUID, struct gallery_query, avatar, .present = 0),
    QUERY_FIELD(QUERY_UUID, struct gallery_query, undo, .present = 0),
    QUERY_FIELD(QUERY_BOOL, struct gallery_query, favorite, .present = 0),
    PAGE_FIELDS(struct gallery_query),
    {0},
};

static struct timeline_asked asked_of(const struct gallery_query *query)
{
    struct timeline_asked asked = {.favorite = query->favorite, .avatar = query->avatar};

    if (*query->before.text) {
        asked.where = TIMELINE_OLDER;
        asked.id = query->before;
    } else if (*query->after.text) {
        asked.where = TIMELINE_NEWER;
        asked.id = query->after;
    } else if (*query->from.text) {
        asked.where = TIMELINE_FROM;
        asked.id = query->from;
    }
    return asked;
}

static bool read_query(struct call *call, struct gallery_query *query, struct next *refused)
{
    struct faults faults = {0};

    if (body_query_faults(call, FIELDS, query, &faults)) {
        if (*query->after.text && *query->before.text)
            (void)faults_add_what(&faults, "after", "exclusive", TEXT("before"));
        if (*query->from.text && (*query->before.text || *query->after.text))
            (void)faults_add_what(&faults, "from", "exclusive", TEXT("before, after"));
    }
    if (faults.count)
        *refused = reply_query_faults(call, &faults);
    return faults.count == 0;
}

struct next gallery_page_show(struct call *call)
{
    struct show *show = call_state_make(call, sizeof *show);
    struct next refused;

    if (!read_query(call, &show->query, &refused))
        return refused;
    show->asked = asked_of(&show->query);
    return await_rows(call, timeline_of(call->who.user, &show->asked, call->who.time_zone), got_timeline);
}

static struct next reply_page(struct call *call, struct gallery_view *view)
{
    return page_reply(call, 200, &gallery_page, view);
}

/* What is being made stands on top of the newest page of all pictures. */
static bool shows_cards(const struct show *show)
{
    bool first = show->asked.where == TIMELINE_NEWEST || (show->asked.where == TIMELINE_FROM && !show->timeline.beyond);

    return first && show->timeline.stirs && !show->query.favorite && !*show->query.avatar.text;
}

/* Ways that end at the first page, or lead out behind the last one. */
static bool leads_to_start(const struct show *show)
{
    if (show->asked.where == TIMELINE_NEWER)
        return !show->timeline.more;
    return show->asked.where != TIMELINE_NEWEST && show->timeline.count == 0;
}

static struct next got_timeline(struct call *call, const PGresult *rows)
{
    struct show *show = call->state;
    char start[GALLERY_LINK_ROOM];
    struct gallery_view view;

    show->timeline = timeline_read(rows, &show->asked);
    if (*show->query.avatar.text && !show->timeline.avatar.at)
        return reply_not_found(call);
    if (leads_to_start(show)) {
        gallery_link_start(&show->query, start);
        return reply_redirect(call, start);
    }
    if (shows_cards(show)) {
        show->timeline = timeline_read(rows_keep(call, rows), &show->asked);
        return await_rows(call, generations_stirring(call->who.user, CARDS + 1), got_stirring);
    }
    gallery_view_fill(&view, call, &show->query, &show->timeline);
    view.no_favorite = !view.has_pictures && view.favorites;
    view.no_avatar_picture = !view.has_pictures && !view.favorites && view.filtered;
    if (view.has_pictures || view.filtered)
        return reply_page(call, &view);
    show->timeline = timeline_read(rows_keep(call, rows), &show->asked);
    return await_rows(call, avatar_main(call->who.user), got_avatars);
}

/* An empty gallery: the next step is an avatar, or a picture. */
static struct next got_avatars(struct call *call, const PGresult *rows)
{
    const struct show *show = call->state;
    struct gallery_view view;

    gallery_view_fill(&view, call, &show->query, &show->timeline);
    view.no_avatar = rows_count(rows) == 0;
    view.no_picture = !view.no_avatar;
    return reply_page(call, &view);
}

/* Fills view->cards, which borrow rows. */
static void fill_cards(struct gallery_view *view, struct call *call, const PGresult *rows)
{
    int count = rows_count(rows) > CARDS ? CARDS : rows_count(rows);
    struct generation *generations = call_alloc(call, (size_t)CARDS * sizeof *generations);
    struct generation_card *cards = call_alloc(call, (size_t)CARDS * sizeof *cards);

    for (int i = 0; i < count; i++) {
        generations[i] = generation_from_row(rows_at(rows, i));
        cards[i] = generation_card_of(call, &generations[i]);
        view->is_running |= cards[i].is_open;
    }
    view->cards = (struct view_items){cards, (size_t)count};
    view->has_cards = count > 0;
    view->has_more_cards = rows_count(rows) > CARDS;
}

static struct next got_stirring(struct call *call, const PGresult *rows)
{
    const struct show *show = call->state;
    struct gallery_view view;

    gallery_view_fill(&view, call, &show->query, &show->timeline);
    fill_cards(&view, call, rows);
    view.no_picture = !view.has_pictures && !view.has_cards;
    return reply_page(call, &view);
}
