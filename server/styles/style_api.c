/* Reading styles over REST. */
#include "styles/style_api.h"

#include <stdio.h>
#include <string.h>

#include "http/body.h"
#include "http/paging.h"
#include "http/reply.h"
#include "local.h"
#include "styles/style_list.h"
#include "styles/style_shelf.h"

enum { RECOMMENDED_DEFAULT = 12, QUERY_ROOM = 4 * STYLE_QUERY_MAX + 1 };

struct list {
    const char *name; /* for cursors */
    const struct query_field *fields;
    int64_t limit; /* when none is asked for */
    unsigned needs;
    struct next (*answer)(struct call *call, const PGresult *own);
};

struct list_state {
    struct style_shelf shelf; /* first */
    const struct list *list;
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
    char category[STYLE_NAME_ROOM];
    char q[QUERY_ROOM];
    struct uuid after;
    char filters[QUERY_ROOM + STYLE_NAME_ROOM];
};

#define AVATAR_FIELD                                                                                                   \
    {                                                                                                                  \
        .name = "avatar_id", .type = QUERY_UUID, .offset = offsetof(struct list_state, shelf.avatar_id),               \
        .size = sizeof(struct uuid)                                                                                    \
    }
#define CATEGORY_FIELD QUERY_FIELD(QUERY_TEXT, struct list_state, category, .max = STYLE_NAME_ROOM - 1)

static const struct query_field LIST_FIELDS[] = {PAGING_FIELDS(struct list_state),
                                                 AVATAR_FIELD,
                                                 CATEGORY_FIELD,
                                                 QUERY_FIELD(QUERY_TEXT, struct list_state, q, .max = STYLE_QUERY_MAX),
                                                 {0}};
static const struct query_field POPULAR_FIELDS[] = {
    PAGING_FIELDS(struct list_state), AVATAR_FIELD, CATEGORY_FIELD, {0}};
static const struct query_field FAVORITES_FIELDS[] = {PAGING_FIELDS(struct list_state), AVATAR_FIELD, {0}};
static const struct query_field RECOMMENDED_FIELDS[] = {
    QUERY_FIELD(QUERY_INT64, struct list_state, limit, .min = 1, .max = PAGING_LIMIT_MAX), AVATAR_FIELD, {0}};

static bool category_exists(const struct styles *styles, const char *id)
{
    return !*id || strcmp(id, STYLES_OWN_CATEGORY) == 0 || styles_category(styles, id) || styles_group(styles, id);
}

static struct next show(struct call *call, const struct list *list)
{
    struct list_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct next refused;

    state->list = list;
    state->limit = list->limit;
    (void)body_query_faults(call, list->fields, state, &faults);
    if (!faults_have(&faults, "category") && !category_exists(local_of(call)->styles, state->category))
        (void)faults_add(&faults, "category", "unknown_category");
    if (faults.count)
        return reply_query_faults(call, &faults);
    (void)snprintf(state->filters, sizeof state->filters, "%s\n%s", state->category, state->q);
    if (!paging_after(call, local_of(call)->cursor_mac, list->name, state->filters, state->cursor, &state->after,
                      &refused))
        return refused;
    state->shelf.answer = list->answer;
    state->shelf.needs = list->needs;
    if (*state->category && strcmp(state->category, STYLES_OWN_CATEGORY) != 0) /* own ones lie in none but theirs */
        state->shelf.needs &= ~(unsigned)STYLE_NEED_OWN;
    return style_shelf_gather(call);
}

static void write_item(struct json_out *out, const struct style_shown *shown, const struct style_item *item,
                       const PGresult *own)
{
    if (item->style) {
        style_write(out, shown, item->style);
    } else {
        struct own_style style = own_style_from_row(rows_at(own, item->own_row));
        style_write_own(out, shown, &style);
    }
}

static struct next reply_items(struct call *call, const struct style_item *items, int count, const PGresult *own,
                               bool with_uses)
{
    const struct list_state *state = call->state;
    struct style_shown shown = style_shelf_shown(call);
    struct json_out out = reply_json_begin(call);
    int at = style_list_after(items, count, &state->after), end = at;

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (; end < count && end - at < state->limit; end++) {
        json_object(&out);
        write_item(&out, &shown, &items[end], own);
        if (with_uses)
            json_key_int64(&out, "uses", items[end].uses);
        json_end_object(&out);
    }
    json_end_array(&out);
    paging_write_next(&out, call, local_of(call)->cursor_mac, state->list->name, state->filters,
                      end < count ? &items[end - 1].key : NULL);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

/* GET /api/v1/templates */

static struct next answer_list(struct call *call, const PGresult *own)
{
    const struct list_state *state = call->state;
    struct style_query query = style_query_read(text_of(state->q));
    struct style_item *items = call_alloc(call, STYLE_ITEMS_MAX * sizeof *items);

    return reply_items(call, items, style_list_found(local_of(call)->styles, own, state->category, &query, items), own,
                       false);
}

struct next style_api_list(struct call *call)
{
    static const struct list LIST = {"templates", LIST_FIELDS, PAGING_LIMIT_DEFAULT, STYLE_NEED_OWN, answer_list};

    return show(call, &LIST);
}

/* GET /api/v1/templates/popular */

static struct next answer_popular(struct call *call, const PGresult *own)
{
    const struct list_state *state = call->state;
    const struct styles *styles = local_of(call)->styles;
    struct style_uses uses = style_uses_from_rows(styles, state->shelf.uses);
    struct style_item *items = call_alloc(call, STYLE_ITEMS_MAX * sizeof *items);

    return reply_items(call, items, style_list_popular(styles, &uses, state->category, items), own, true);
}

struct next style_api_popular(struct call *call)
{
    static const struct list LIST = {"popular", POPULAR_FIELDS, PAGING_LIMIT_DEFAULT, STYLE_NEED_USES, answer_popular};

    return show(call, &LIST);
}

/* GET /api/v1/templates/favorites */

static struct next answer_favorites(struct call *call, const PGresult *own)
{
    const struct list_state *state = call->state;
    struct style_item *items = call_alloc(call, STYLE_ITEMS_MAX * sizeof *items);
    int count = style_list_favorites(local_of(call)->styles, state->shelf.favorites, own, items);

    return reply_items(call, items, count, own, false);
}

struct next style_api_favorites(struct call *call)
{
    static const struct list LIST = {"favorite templates", FAVORITES_FIELDS, PAGING_LIMIT_DEFAULT, STYLE_NEED_OWN,
                                     answer_favorites};

    return show(call, &LIST);
}

/* GET /api/v1/templates/recommended */

static void write_reason(struct json_out *out, const struct style_recommendation *recommendation)
{
    json_key(out, "reason");
    json_object(out);
    json_key_text(out, "code", style_reason_name(recommendation->reason));
    json_key_text(out, "template_id", recommendation->because ? recommendation->because->id : NULL);
    json_key(out, "message");
    json_object(out);
    for (int lang = LANG_RU; lang <= LANG_EN; lang++) {
        CLEANUP(buf_done) struct buf words = buf_make(1024);
        style_reason_write(recommendation, (enum lang)lang, &words);
        json_key_text(out, lang_name((enum lang)lang), words.bytes);
    }
    json_end_object(out);
    json_end_object(out);
}

static int recommend(struct call *call, struct style_recommendation *ret)
{
    const struct list_state *state = call->state;
    const struct styles *styles = local_of(call)->styles;
    struct style_uses uses = style_uses_from_rows(styles, state->shelf.uses);
    struct style_taste taste = {0};

    style_taste_add_favorites(&taste, styles, state->shelf.favorites);
    style_taste_add_history(&taste, styles, state->shelf.history);
    return style_recommend(styles, &taste, &uses, ret, (int)state->limit);
}

static struct next answer_recommended(struct call *call, const PGresult *own)
{
    struct style_recommendation found[PAGING_LIMIT_MAX];
    int count = recommend(call, found);
    struct style_shown shown = style_shelf_shown(call);
    struct json_out out = reply_json_begin(call);

    (void)own;
    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < count; i++) {
        json_object(&out);
        style_write(&out, &shown, found[i].style);
        write_reason(&out, &found[i]);
        json_end_object(&out);
    }
    json_end_array(&out);
    json_key_null(&out, "next_cursor");
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

struct next style_api_recommended(struct call *call)
{
    static const struct list LIST = {"recommended", RECOMMENDED_FIELDS, RECOMMENDED_DEFAULT,
                                     STYLE_NEED_USES | STYLE_NEED_HISTORY, answer_recommended};

    return show(call, &LIST);
}

/* GET /api/v1/templates/categories */

static void write_group(struct json_out *out, const struct styles *styles, const struct style_group *group)
{
    json_object(out);
    json_key_text(out, "id", group->id);
    json_key_text(out, "emoji", group->emoji);
    words_write(out, "title", &group->title);
    json_key_int64(out, "count", styles_count_in(styles, group->id));
    json_end_object(out);
}

static void write_category(struct json_out *out, const struct styles *styles, const struct style_category *category)
{
    json_object(out);
    json_key_text(out, "id", category->id);
    json_key_text(out, "emoji", category->emoji);
    words_write(out, "title", &category->title);
    json_key_int64(out, "count", styles_count_in(styles, category->id));
    json_key(out, "subcategories");
    json_array(out);
    for (int i = 0; i < category->groups.count; i++)
        write_group(out, styles, &category->groups.at[i]);
    json_end_array(out);
    json_end_object(out);
}

static void write_own_category(struct json_out *out, int count)
{
    static const struct words TITLE = {"Мои стили", "My styles"};

    json_object(out);
    json_key_text(out, "id", STYLES_OWN_CATEGORY);
    json_key_text(out, "emoji", STYLE_OWN_EMOJI);
    words_write(out, "title", &TITLE);
    json_key_int64(out, "count", count);
    json_key(out, "subcategories");
    json_array(out);
    json_end_array(out);
    json_end_object(out);
}

static struct next answer_categories(struct call *call, const PGresult *own)
{
    const struct styles *styles = local_of(call)->styles;
    const struct style_category *category;
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; (category = styles_category_at(styles, i)); i++)
        write_category(&out, styles, category);
    write_own_category(&out, rows_count(own));
    json_end_array(&out);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

struct next style_api_categories(struct call *call)
{
    struct list_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    state->shelf.answer = answer_categories;
    state->shelf.needs = STYLE_NEED_OWN;
    return style_shelf_gather(call);
}
