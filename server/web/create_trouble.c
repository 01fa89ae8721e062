#include "web/create_trouble.h"

#include <stdio.h>
#include <string.h>

#include "generations/generation_create.h"
#include "http/reply.h"
#include "http/status.h"
#include "local.h"
#include "view/texts.h"
#include "web/page.h"

bool create_trouble_is_shortage(const char *code) { return code && strcmp(code, "quota_exceeded") == 0; }

bool create_trouble_words(const struct call *call, const char *code, struct text *ret_title, struct text *ret_advice)
{
    struct text advice;
    char key[80];

    if (!code || !*code || create_trouble_is_shortage(code))
        return false;
    (void)snprintf(key, sizeof key, "create.trouble_%s", code);
    advice = text_of(texts_has(local_of(call)->texts, key) ? page_text(call, key) : message_title(code, call->lang));
    *ret_title = text_cut(&advice, '|');
    *ret_advice = advice;
    return true;
}

struct next create_trouble_none(struct call *call, const struct generation *generation, bool replayed)
{
    char location[80];

    (void)snprintf(location, sizeof location, "/generations/%s%s", generation->id.text,
                   replayed ? "?done=sent_before" : "");
    return reply_redirect(call, location);
}

int create_trouble_faulty(const struct faults *faults, struct create_trouble *ret)
{
    ret->faults = *faults;
    return 422;
}

int create_trouble_refused(struct call *call, const struct err *err, struct create_trouble *ret)
{
    char seconds[12];

    if (err->kind == ERR_NOT_FOUND) { /* the avatar */
        (void)faults_add(&ret->faults, "avatar_id", "avatar_unknown");
        return 422;
    }
    if (err->kind == ERR_RATE) {
        (void)snprintf(seconds, sizeof seconds, "%d", GENERATION_RETRY_AFTER_S);
        reply_header(call, "retry-after", seconds);
    }
    (void)snprintf(ret->code, sizeof ret->code, "%s", err->code);
    /* A key that was used is a matter of the form's state, not of its fields. */
    return err->kind == ERR_INVALID ? 409 : err_http_status(err->kind);
}

int create_trouble_stale(struct create_trouble *ret)
{
    (void)snprintf(ret->code, sizeof ret->code, "stale_form");
    return 422;
}
