/* A dry run: exactly what would be sent, what it would cost, and what stands in its way. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/config.h"
#include "generations/generation_answer.h"
#include "generations/source_link.h"
#include "http/reply.h"
#include "local.h"

static _Atomic(uint64_t) replies; /* of all loops */

uint64_t generation_dry_replies(void) { return replies; }

/* The request itself. What the worker adds to the body right before it sends it, and nobody knows yet, is named. */
static void write_request(struct json_out *out, const struct call *call, const struct generation_wish *wish,
                          const struct plan *plan)
{
    const struct local *local = local_of(call);
    const struct text input = {plan->input.bytes, plan->input.len};
    char url[OBJECT_LINK_ROOM], to[700];
    bool known =
        plan->sends_source && source_link(local->links, local->config->public_url, text_of(wish->source_key), url);

    json_key(out, "request");
    json_object(out);
    (void)snprintf(to, sizeof to, "%s/%s", local->config->generation.queue_url, plan->endpoint->id);
    json_key_text(out, "method", "POST");
    json_key_text(out, "url", to);
    json_key(out, "body");
    if (wish->has_seed)
        plan_write_sent(input, known ? url : NULL, wish->seed, out);
    else
        plan_write_sent_seedless(input, known ? url : NULL, out);
    json_key(out, "decided_when_sent");
    json_array(out);
    if (!wish->has_seed)
        json_text(out, TEXT("seed"));
    if (plan->sends_source && !known)
        json_text(out, TEXT("image_url"));
    json_end_array(out);
    json_end_object(out);
}

static void write_text(struct json_out *out, const char *key, const struct buf *text)
{
    json_key(out, key);
    json_text(out, (struct text){text->bytes, text->len});
}

static void write_words(struct json_out *out, const struct generation_wish *wish,
                        const struct generation_judged *judged)
{
    const char *style = *wish->template_id ? wish->template_id : wish->kept_style;
    const char *variant = judged->variant ? judged->variant : wish->kept_variant;

    write_text(out, "prompt", &judged->prompt);
    write_text(out, "final_prompt", &judged->plan.final_prompt);
    json_key_text(out, "template_id", *style ? style : NULL);
    json_key_text(out, "template_variant", *variant ? variant : NULL);
}

static void write_origin(struct json_out *out, const struct generation_wish *wish)
{
    json_key_text(out, "parent_image_id", *wish->parent_image.text ? wish->parent_image.text : NULL);
    json_key_text(out, "retry_of", *wish->retry_of.text ? wish->retry_of.text : NULL);
}

static void write_seed(struct json_out *out, const struct generation_wish *wish)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%" PRIu64, wish->seed);
    json_key_text(out, "seed", wish->has_seed ? digits : NULL);
}

static void write_price(struct json_out *out, const struct plan *plan, int64_t available)
{
    json_key_int64(out, "cost", plan->price);
    json_key_int64(out, "available", available);
    json_key_bool(out, "affordable", available >= plan->price);
}

static void write_verdict(struct json_out *out, const struct generation_judged *judged)
{
    json_key(out, "moderation");
    json_object(out);
    json_key_bool(out, "allowed", !judged->is_blocked);
    json_key_text(out, "category", judged->is_blocked ? judged->verdict.category : NULL);
    json_end_object(out);
}

struct next generation_dry_reply(struct call *call, const struct avatar *avatar, const struct generation_judged *judged)
{
    const struct generation_create *state = call->state;
    const struct plan *plan = &judged->plan;
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    json_key_bool(&out, "dry_run", true);
    json_key_text(&out, "avatar_id", avatar->id.text);
    write_words(&out, &state->wish, judged);
    write_origin(&out, &state->wish);
    json_key_text(&out, "preset", plan->preset->name);
    json_key_text(&out, "endpoint", plan->endpoint->id);
    json_key_int64(&out, "num_images", plan->num_images);
    json_key_raw(&out, "parameters", (struct text){plan->parameters.bytes, plan->parameters.len});
    write_seed(&out, &state->wish);
    write_request(&out, call, &state->wish, plan);
    write_verdict(&out, judged);
    write_price(&out, plan, state->steps.available);
    span_write(&out, "expected_seconds", plan->expected_seconds);
    json_end_object(&out);
    (void)atomic_fetch_add_explicit(&replies, 1, memory_order_relaxed);
    return reply_json(call, 200, &out);
}
