#include "web/page.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "http/problem.h"
#include "http/query_string.h"
#include "http/reply.h"
#include "local.h"
#include "users/next_path.h"
#include "users/web_session.h"
#include "view/bundle.h"
#include "view/templates.h"
#include "view/texts.h"
#include "web/error_page.h"

/* What every page has. */
struct frame {
    const char *lang, *theme;
    char static_root[40];
    char csrf_token[WEB_SESSION_CSRF_ROOM];
    bool signed_in;
    struct text path; /* of this page, with its query */
    const char *flash;
    bool in_images, in_create, in_avatars, in_settings;
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct frame, lang),
    VIEW_FIELD(VIEW_STRING, struct frame, theme),
    {.name = "static", .kind = VIEW_CHARS, .offset = offsetof(struct frame, static_root)},
    VIEW_FIELD(VIEW_CHARS, struct frame, csrf_token),
    VIEW_FIELD(VIEW_BOOL, struct frame, signed_in),
    VIEW_FIELD(VIEW_TEXT, struct frame, path),
    VIEW_FIELD(VIEW_STRING, struct frame, flash),
    VIEW_FIELD(VIEW_BOOL, struct frame, in_images),
    VIEW_FIELD(VIEW_BOOL, struct frame, in_create),
    VIEW_FIELD(VIEW_BOOL, struct frame, in_avatars),
    VIEW_FIELD(VIEW_BOOL, struct frame, in_settings),
    {0},
};
const struct view_type page_frame_type = VIEW_TYPE(struct frame, FIELDS);

const char *page_text(const struct call *call, const char *key)
{
    return texts_get(local_of(call)->texts, call->lang, key);
}

static const char *flash_of(const struct call *call)
{
    char done[PAGE_DONE_ROOM], key[PAGE_DONE_ROOM + 8];

    if (!call->query.len || !query_string_find(call->query, "done", done, sizeof done) || !*done)
        return NULL;
    (void)snprintf(key, sizeof key, "flash.%s", done);
    return texts_has(local_of(call)->texts, key) ? page_text(call, key) : NULL;
}

static struct frame frame_of(const struct call *call, enum page_place place)
{
    struct frame frame = {
        .lang = lang_name(call->lang),
        .theme = *call->who.theme ? call->who.theme : "auto",
        .signed_in = call->who.kind == WHO_SESSION,
        .path = {call->req->path.base, call->req->path.len},
        .flash = flash_of(call),
        .in_images = place == PLACE_IMAGES,
        .in_create = place == PLACE_CREATE,
        .in_avatars = place == PLACE_AVATARS,
        .in_settings = place == PLACE_SETTINGS,
    };

    (void)snprintf(frame.static_root, sizeof frame.static_root, "/static/%s", bundle_version());
    if (frame.signed_in)
        web_session_csrf(local_of(call)->csrf_mac, call->who.credential, frame.csrf_token);
    return frame;
}

struct next page_reply(struct call *call, int status, const struct page *page, const void *data)
{
    const struct mustache *template = templates_find(local_of(call)->templates, call->lang, page->template);
    const struct frame frame = frame_of(call, page->place);
    const struct view_object roots[] = {{&page_frame_type, &frame}, {page->type, data}};
    struct buf *out = &call->thread->scratch;

    buf_clear(out);
    if (mustache_render(template, roots, 2, out))
        return reply_html(call, status, (struct text){out->bytes, out->len});
    log_write(LOG_ERROR, "page_failed", "request=%s template=%s bytes=%zu", call->request_id, page->template, out->len);
    return reply_problem_document(call, &(struct problem){500, "internal", call->lang, call->request_id, NULL});
}

/* To the sign-in page, and back here afterwards: if here can be read again, and is a path that links may name. */
static struct next ask_to_sign_in(struct call *call)
{
    struct text path = {call->req->path.base, call->req->path.len};
    char encoded[3 * NEXT_PATH_MAX + 1], location[sizeof encoded + 16];

    if (strcmp(call->route->method, "GET") != 0 || text_equal(path, TEXT("/")) || !next_path_is_safe(path) ||
        !text_percent_encode(path, encoded, sizeof encoded))
        return reply_redirect(call, "/login");
    (void)snprintf(location, sizeof location, "/login?next=%s", encoded);
    return reply_redirect(call, location);
}

struct next page_problem(struct call *call, const struct problem *problem)
{
    if (problem->status == 401 && !error_page_saves_text(call))
        return ask_to_sign_in(call);
    return error_page_reply(call, problem);
}
