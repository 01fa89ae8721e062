/* What we sign and get back from strangers: the first byte chooses a page cursor, the address of a webhook or the link
   of a file (path, line break, query). What passes is exactly what we would have written. */
#include <stdlib.h>
#include <string.h>

#include "hooks/hook_token.h"
#include "http/paging.h"
#include "http/reply.h"
#include "storage/signed_url.h"
#include "support/loopback.h"

#include "local.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { NOW_S = 1767225600 };

static struct mac *mac;
static char cursor[PAGING_CURSOR_ROOM];

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* The cursor that we write for this place is the one that we were given, but for its padding. */
static void check_own(struct call *call, const struct uuid *after)
{
    CLEANUP(buf_done) struct buf buf = buf_make(200);
    struct json_out out = json_out_begin(&buf);
    size_t len = strlen("{\"next_cursor\":\""), own = strcspn(cursor, "=");

    json_object(&out);
    paging_write_next(&out, call, mac, "images", "all", after);
    must(strncmp(buf.bytes + len, cursor, own) == 0 && buf.bytes[len + own] == '"');
}

static struct next page(struct call *call)
{
    struct next refused;
    struct uuid after;

    if (!paging_after(call, mac, "images", "all", cursor, &after, &refused))
        return refused;
    if (*cursor)
        check_own(call, &after);
    return reply_no_content(call);
}

static void try_cursor(struct text given)
{
    static const struct route ROUTES[] = {{"GET", "/page", ACCESS_PUBLIC, 0, page}, {0}};
    static const struct http_site SITE = {.routes = ROUTES};
    static struct local local;
    static struct loopback_server *server;
    struct loopback *l;

    if (memchr(given.at, 0, given.len) || !text_copy(cursor, sizeof cursor, given))
        return;
    if (!server)
        server = loopback_start(&SITE, &local);
    l = loopback_send(server, &(struct loopback_message){.method = "GET", .path = "/page"});
    must(loopback_answered(l));
    loopback_close(l);
}

static void try_hook(struct text given)
{
    char own[HOOK_TOKEN_ROOM];
    int64_t submission;

    if (!hook_token_read(mac, given, &submission))
        return;
    must(submission > 0);
    hook_token_write(mac, submission, own);
    must(text_equal(given, text_of(own)));
}

static void try_link(struct text given)
{
    struct text query = given, path = text_cut(&query, '\n'), bucket, key;

    if (!query.at)
        return;
    switch (signed_url_check(mac, path, query, NOW_S, &bucket, &key)) {
    case SIGNED_URL_BAD:
    case SIGNED_URL_EXPIRED: return;
    case SIGNED_URL_OK: break;
    }
    must(bucket.at >= path.at && bucket.at + bucket.len < key.at && key.at + key.len == path.at + path.len);
    must(!memchr(key.at, '%', key.len) && !memchr(key.at, 0, key.len));
    while (key.at) {
        struct text segment = text_cut(&key, '/');
        must(segment.len && !text_equal(segment, TEXT("..")) && !text_equal(segment, TEXT(".")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text given = {(const char *)bytes + 1, len - 1};

    if (len == 0)
        return 0;
    if (!mac)
        mac = mac_open("a key that the seeds are signed with", 36);
    switch (bytes[0] % 3) {
    case 0: try_cursor(given); break;
    case 1: try_hook(given); break;
    default: try_link(given);
    }
    return 0;
}
