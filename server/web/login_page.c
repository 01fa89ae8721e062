#include "web/login_page.h"

#include "http/await_rows.h"
#include "http/cookie.h"
#include "http/reply.h"
#include "http/same_origin.h"
#include "users/login_link.h"
#include "users/web_session.h"
#include "view/html.h"

enum { PAGE_LIMIT = 16 * 1024 };

#define POLICY "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/* What the pages say. */
static const struct words {
    const char *title, *greeting, *explanation, *button;
    const char *gone_title, *gone;
} WORDS[] = {
    [LANG_RU] = {"Вход в Aisha", "Войти как ",
                 "Ссылка действует один раз. Не вы её запрашивали? Просто закройте страницу.", "Войти",
                 "Ссылка больше не действует",
                 "Она уже использована, устарела или заменена новой. Запросите новую ссылку там, где получили эту."},
    [LANG_EN] = {"Sign in to Aisha", "Sign in as ",
                 "The link works once. You did not ask for it? Just close this page.", "Sign in",
                 "This link no longer works",
                 "It was used already, has expired or was replaced by a newer one. Ask for a new link where you got "
                 "this one."},
};

static struct next got_link(struct call *call, const PGresult *rows);
static struct next got_session(struct call *call, const PGresult *rows);

static void begin_page(struct buf *page, enum lang lang, const char *title, const char *heading, struct text name)
{
    (void)buf_add_format(page, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
                         lang_name(lang));
    (void)html_text(page, text_of(title));
    (void)buf_add_text(page, "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                             "<meta name=\"color-scheme\" content=\"light dark\">\n"
                             "<meta name=\"robots\" content=\"noindex\">\n"
                             "<link rel=\"stylesheet\" href=\"/docs/docs.css\">\n</head>\n<body>\n"
                             "<main class=\"page\">\n<h1>");
    (void)html_text(page, text_of(heading));
    (void)html_text(page, name);
    (void)buf_add_text(page, "</h1>\n<p>");
}

static struct next reply_page(struct call *call, int status, struct buf *page)
{
    (void)buf_add_text(page, "</main>\n</body>\n</html>\n");
    reply_header(call, "content-security-policy", POLICY);
    reply_header(call, "referrer-policy", "same-origin"); /* with no-referrer browsers post the form as from nowhere */
    return reply_bytes(call, status, "text/html; charset=utf-8", (struct text){page->bytes, page->len});
}

static struct next reply_gone(struct call *call)
{
    CLEANUP(buf_done) struct buf page = buf_make(PAGE_LIMIT);
    const struct words *words = &WORDS[call->lang];

    begin_page(&page, call->lang, words->gone_title, words->gone_title, TEXT(""));
    (void)html_text(&page, text_of(words->gone));
    (void)buf_add_text(&page, "</p>\n");
    return reply_page(call, 410, &page);
}

struct next login_page_show(struct call *call)
{
    return await_rows(call, login_link_by_secret(call->params[0]), got_link);
}

static struct next got_link(struct call *call, const PGresult *rows)
{
    CLEANUP(buf_done) struct buf page = buf_make(PAGE_LIMIT);
    const struct words *words;
    struct text name;
    struct row row;

    if (rows_count(rows) == 0)
        return reply_gone(call);
    row = rows_at(rows, 0);
    name = row_piece(&row);
    if (!call_header(call, "accept-language").len)
        call->lang = lang_named(row_text(&row));
    words = &WORDS[call->lang];
    begin_page(&page, call->lang, words->title, words->greeting, name);
    (void)html_text(&page, text_of(words->explanation));
    (void)buf_add_text(&page, "</p>\n<form method=\"post\"><button type=\"submit\">");
    (void)html_text(&page, text_of(words->button));
    (void)buf_add_text(&page, "</button></form>\n");
    return reply_page(call, 200, &page);
}

struct next login_page_use(struct call *call)
{
    char *secret;
    struct text old = TEXT("");
    struct err err;

    if (!same_origin_asked(call)) { /* another site would sign its visitor in as somebody else */
        (void)err_set(&err, ERR_FORBIDDEN, "csrf_failed", "another site's form");
        return reply_err(call, &err);
    }
    secret = call_state_make(call, WEB_SESSION_SECRET_ROOM);
    crypto_token("", secret, WEB_SESSION_SECRET_ROOM);
    (void)cookie_find(call_header(call, "cookie"), WEB_SESSION_COOKIE, &old);
    return await_rows(call, login_link_use(call->params[0], secret, old), got_session);
}

static struct next got_session(struct call *call, const PGresult *rows)
{
    char cookie[WEB_SESSION_COOKIE_ROOM];
    struct row row;

    if (rows_count(rows) == 0)
        return reply_gone(call);
    row = rows_at(rows, 0);
    web_session_cookie(text_of(call->state), cookie);
    reply_header(call, "set-cookie", cookie);
    return reply_redirect(call, row_text(&row));
}
