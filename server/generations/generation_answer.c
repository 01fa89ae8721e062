#include "generations/generation_answer.h"

#include <stdio.h>
#include <string.h>

#include "http/reply.h"
#include "moderation/moderation_reply.h"

static struct next created(struct call *call, const struct generation *generation, bool replayed)
{
    struct json_out out = reply_json_begin(call);
    char location[80];

    if (replayed)
        idempotency_mark_replayed(call);
    json_object(&out);
    generation_write_created(&out, generation, call->lang);
    json_key(&out, "images");
    json_array(&out);
    json_end_array(&out);
    json_end_object(&out);
    (void)snprintf(location, sizeof location, "/api/v1/generations/%s", generation->id.text);
    reply_header(call, "location", location);
    return reply_json(call, 202, &out);
}

static struct next gone(struct call *call, const struct err *err)
{
    const struct generation_create *state = call->state;
    CLEANUP(buf_done) struct buf json = buf_make(2000);
    struct json_out out = json_out_begin(&json);
    char words[1000];

    catalog_suggestion_write(&out, &state->suggestion);
    catalog_suggestion_say(&state->suggestion, call->lang, words, sizeof words);
    return reply_suggestion(call, err, words, (struct text){json.bytes, json.len});
}

static struct next refused(struct call *call, const struct err *err)
{
    return strcmp(err->code, "endpoint_gone") == 0 ? gone(call, err) : wish_steps_reply(call, err);
}

static struct next blocked(struct call *call, const struct moderation_verdict *verdict)
{
    const struct generation_create *state = call->state;

    return reply_moderated(call, *state->wish.template_id ? "template_id" : "prompt", verdict);
}

const struct generation_answers *generation_answers_for(const struct generation_wish *wish)
{
    static const struct generation_answers MADE = {created, reply_faults, refused, blocked, NULL},
                                           SHOWN = {created, reply_faults, refused, blocked, generation_dry_reply};

    return wish->dry_run ? &SHOWN : &MADE;
}
