#include "support/house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "moderation/moderation.h"
#include "storage/object_link.h"
#include "styles/styles.h"
#include "view/templates.h"
#include "view/texts.h"
#include "web/page.h"
#include "web/pages.h"
#include "json/json_in.h"

struct who house_who;

static char public_url[] = LOOPBACK_ORIGIN, fal_key[] = "id:secret", hook_secret[] = HOUSE_HOOK_SECRET;
static char secret_key[] = "a secret of at least 32 characters";

static struct {
    struct config config;
    struct local local;
    struct catalog *catalog;
    struct texts *texts; /* opened once; a program's end takes them */
    struct templates *templates;
    struct moderation *moderation;
    struct styles *styles;
    struct loopback_server *server;
    char code[64];
} house;

static void open_pages(const char *root)
{
    struct err err;

    if (house.templates)
        return;
    if (!(house.texts = texts_open(root, &err)) || !(house.templates = pages_open(root, house.texts, &err)) ||
        !(house.moderation = moderation_open(root, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        abort();
    }
}

static void open_site(const struct http_site *site)
{
    const char *root = getenv("AISHA_ROOT") ? getenv("AISHA_ROOT") : ".";
    struct err err;

    open_pages(root);
    house.config = (struct config){.public_url = public_url,
                                   .secret_key = secret_key,
                                   .fal.key = fal_key,
                                   .generation.key = fal_key,
                                   .training.key = fal_key,
                                   .fal_webhook_secret = hook_secret,
                                   .avatars_per_user = 10,
                                   .avatar_min_photos = 10,
                                   .avatar_max_photos = 20,
                                   .photo_max_size = 20 << 20,
                                   .safety_checker = true,
                                   .default_quota = 1000};
    house.catalog = catalog_open(root, &err);
    house.local = (struct local){.config = &house.config, .catalog = house.catalog, .has_service_token = true};
    if (!house.styles && !(house.styles = styles_open(root, house.catalog, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        abort();
    }
    house.local.styles = house.styles;
    house.local.texts = house.texts;
    house.local.templates = house.templates;
    house.local.moderation = house.moderation;
    house.local.links = object_links_open(&house.config);
    house.local.cursor_mac = mac_open("cursor", 6);
    house.local.csrf_mac = mac_open("csrf", 4);
    house.local.hook_mac = mac_open("hook", 4);
    crypto_sha256(TEXT(HOUSE_SERVICE_TOKEN), house.local.service_sha256);
    house.server = loopback_start(site, &house.local);
}

void house_open(const struct route *routes, struct next (*authenticate)(struct call *call))
{
    open_site(&(struct http_site){.routes = routes, .authenticate = authenticate});
}

void house_open_pages(const struct route *routes, struct next (*authenticate)(struct call *call))
{
    open_site(&(struct http_site){.routes = routes, .authenticate = authenticate, .problem_page = page_problem});
}

static struct next let_in(struct call *call)
{
    call->who = house_who;
    return call_enter(call);
}

void house_open_signed_in(const struct route *routes)
{
    house_who = (struct who){.kind = WHO_SESSION,
                             .scopes = SCOPE_READ | SCOPE_WRITE,
                             .user = {HOUSE_USER},
                             .credential = {HOUSE_SESSION},
                             .locale = "ru",
                             .time_zone = "Asia/Kathmandu"};
    house_open_pages(routes, let_in);
}

void house_speak(enum lang lang)
{
    (void)text_copy(house_who.locale, sizeof house_who.locale, text_of(lang_name(lang)));
}

void house_close(void)
{
    loopback_stop(house.server);
    object_links_close(house.local.links);
    mac_close(house.local.cursor_mac);
    mac_close(house.local.csrf_mac);
    mac_close(house.local.hook_mac);
    catalog_close(house.catalog);
}

int house_tear_down(void **state)
{
    (void)state;
    house_close();
    return 0;
}

struct local *house_local(void) { return &house.local; }

struct loopback *house_send(const struct loopback_message *message) { return loopback_send(house.server, message); }

struct loopback *house_ask(const char *method, const char *path, const char *name, const char *value)
{
    return house_send(&(struct loopback_message){.method = method, .path = path, .headers = {name, value}});
}

struct loopback *house_get(const char *path)
{
    return house_send(&(struct loopback_message){.method = "GET", .path = path, .headers = {"accept", "text/html"}});
}

struct loopback *house_post(const char *path, const char *form)
{
    return house_send(&(struct loopback_message){
        .method = "POST",
        .path = path,
        .headers = {"accept", "text/html", "content-type", "application/x-www-form-urlencoded"},
        .body = form});
}

const char *house_code(const struct loopback *l)
{
    const char *type = loopback_header(l, "content-type", 0), *code;
    struct err err;
    yajl_val root;

    house.code[0] = '\0';
    if (!type || strcmp(type, "application/problem+json") != 0 || !json_parse(text_of(loopback_body(l)), &root, &err))
        return house.code;
    if ((code = json_get_text(root, "code")))
        (void)text_copy(house.code, sizeof house.code, text_of(code));
    yajl_tree_free(root);
    return house.code;
}
