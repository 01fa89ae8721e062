#define _GNU_SOURCE /* memmem */
#include "falsim/sim_serve.h"

#include <stdio.h>
#include <string.h>

#include "falsim/sim_admin.h"
#include "falsim/sim_files.h"
#include "falsim/sim_follow.h"
#include "falsim/sim_listing.h"
#include "falsim/sim_queue.h"
#include "falsim/sim_request.h"
#include "falsim/sim_slow.h"
#include "falsim/sim_storage.h"

static struct next serve_any(struct call *call);

const struct route SIM_ROUTES[] = {
    {"GET", "{*}", ACCESS_PUBLIC, SIM_MAX_BODY, serve_any},
    {"POST", "{*}", ACCESS_PUBLIC, SIM_MAX_BODY, serve_any},
    {"PUT", "{*}", ACCESS_PUBLIC, SIM_MAX_BODY, serve_any},
    {0},
};

static const struct {
    const char *method, *path;
    struct next (*answer)(struct call *call);
} FIXED[] = {
    {"GET", "health", sim_admin_health},
    {"GET", "_sim/requests", sim_admin_requests},
    {"POST", "_sim/webhooks", sim_admin_webhooks},
    {"GET", "_sim/faults", sim_admin_faults},
    {"POST", "_sim/faults", sim_admin_faults},
    {"GET", ".well-known/jwks.json", sim_admin_keys},
    {"GET", "v1/models/requests/by-endpoint", sim_listing},
};

static struct next reply_no_path(struct call *call, struct text path)
{
    char words[300];

    (void)snprintf(words, sizeof words, "Path /%.*s not found", (int)(path.len < 200 ? path.len : 200), path.at);
    return sim_reply_detail(call, 404, text_is_utf8(text_of(words)) ? words : "Path not found");
}

/* Behind the id: "" or "status" or "status/stream". */
static struct next serve_follow(struct call *call, struct text base, struct text behind)
{
    struct text id = text_cut(&behind, '/');

    return sim_follow(call, base, id, behind.at ? behind : TEXT(""));
}

static struct next serve_queue(struct call *call, struct text path)
{
    const char *found = memmem(path.at, path.len, "/requests/", strlen("/requests/"));
    struct text app = sim_app_of(path);

    if (found) {
        size_t before = (size_t)(found - path.at);
        return serve_follow(call, (struct text){path.at, before},
                            (struct text){found + strlen("/requests/"), path.len - before - strlen("/requests/")});
    }
    if (!memchr(path.at, '/', path.len))
        return reply_no_path(call, path);
    if (sim_is_method(call, "POST"))
        return sim_queue_submit(call, path);
    return sim_app_exists(app) ? sim_reply_detail(call, 405, "Method Not Allowed") : reply_no_path(call, path);
}

static struct next serve_any(struct call *call)
{
    struct text path = {call->req->path.base, call->req->path.len};
    bool same_path = false;

    path = text_cut(&path, '?');
    path = (struct text){path.at + 1, path.len - 1};
    if (path.len && path.at[path.len - 1] == '/')
        path.len--;
    for (size_t i = 0; i < sizeof FIXED / sizeof *FIXED; i++) {
        if (!text_equal(path, text_of(FIXED[i].path)))
            continue;
        if (sim_is_method(call, FIXED[i].method))
            return FIXED[i].answer(call);
        same_path = true;
    }
    if (same_path)
        return sim_reply_detail(call, 405, "Method Not Allowed");
    if (text_starts(path, TEXT("_sim/bad/")))
        return sim_slow_serve(call, (struct text){path.at + 9, path.len - 9});
    if (text_starts(path, TEXT("storage/")))
        return sim_storage(call, (struct text){path.at + 8, path.len - 8});
    return path.len ? serve_queue(call, path) : reply_no_path(call, path);
}

bool sim_serve_may(struct local *local, struct text path, struct text query)
{
    (void)query;
    return (text_starts(path, TEXT("out/")) || text_starts(path, TEXT("in/"))) && sim_files_name_is_fine(path) &&
           !sim_files_expired(local->sim->files, path, local->sim->config.file_ttl_s);
}
