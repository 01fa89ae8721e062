#include "batches/batch_judge.h"

#include <stdio.h>
#include <string.h>

/* Every text of a prompt is JSON inside of JSON here, and only the prompt itself is long. */
enum { ITEMS_MAX_BYTES = 16 * 1024 * 1024 };

/* One prompt being judged. */
struct judging {
    const struct call *call;
    struct batch_wish *wish;
    const struct avatar *avatar;
    const struct idempotency *key;
    struct batch_judged *judged;
    struct json_out out;
    int at;
};

/* verdict NULL: it was not moderation. */
static void refuse(struct judging *judging, const char *code, const struct moderation_verdict *verdict)
{
    struct faults *refusals = &judging->judged->refusals;
    char field[24];

    (void)snprintf(field, sizeof field, "prompts[%d]", judging->at);
    if (verdict)
        (void)moderation_fault(verdict, judging->call->lang, field, refusals);
    else
        (void)faults_add_range(refusals, field, code, 1, PLAN_PROMPT_MAX);
    json_object(&judging->out);
    json_key_int64(&judging->out, "position", judging->at);
    json_key_text(&judging->out, "prompt", judging->wish->prompts[judging->at].text);
    json_key_text(&judging->out, "code", code);
    json_key_text(&judging->out, "category", verdict ? verdict->category : NULL);
    json_end_object(&judging->out);
}

static void take(struct judging *judging, struct uuid id, const struct plan *plan)
{
    judging->judged->new.runnable++;
    json_object(&judging->out);
    json_key_int64(&judging->out, "position", judging->at);
    json_key_text(&judging->out, "prompt", judging->wish->prompts[judging->at].text);
    json_key_text(&judging->out, "id", id.text);
    json_key_text(&judging->out, "final_prompt", plan->final_prompt.bytes);
    json_key_text(&judging->out, "input", plan->input.bytes);
    json_end_object(&judging->out);
}

/* Faults of the prompt are its own; the others are everybody's, and found with the first. */
static const char *prompt_fault(const struct faults *found)
{
    for (int i = 0; i < found->count; i++)
        if (strcmp(found->items[i].field, "prompt") == 0)
            return found->items[i].code;
    return NULL;
}

static void keep_common(const struct faults *found, struct faults *faults)
{
    for (int i = 0; i < found->count && faults->count < FAULTS_MAX; i++)
        if (strcmp(found->items[i].field, "prompt") != 0 && !faults_have(faults, found->items[i].field))
            faults->items[faults->count++] = found->items[i];
}

/* The catalogue's states may be switched at any moment, also between two prompts. */
static bool is_like_first(const struct plan *first, const struct plan *plan)
{
    return plan->endpoint == first->endpoint && plan->price == first->price;
}

/* The first one stays, for what all have in common. */
static bool made(struct judging *judging, struct generation_judged *judged, struct err *reterr)
{
    struct batch_new *new = &judging->judged->new;
    struct generation_new each =
        generation_judged_new(judging->call, &judging->wish->each, judging->avatar, judged, judging->key);
    bool is_first = new->runnable == 0;

    if (!is_first && !is_like_first(&judging->judged->first.plan, &judged->plan))
        return err_set(reterr, ERR_BUSY, "busy", "the endpoint was switched");
    take(judging, each.id, &judged->plan);
    if (!is_first)
        return true;
    judging->judged->first = *judged;
    *judged = (struct generation_judged){0};
    new->each = each;
    return true;
}

/* What can be told of a prompt without looking further; NULL: nothing. */
static const char *plain_fault(const struct batch_prompt *prompt)
{
    struct text text = text_of(prompt->text);

    if (prompt->is_cut || text_code_points(text) > PLAN_PROMPT_MAX)
        return "too_long";
    if (text_is_blank(text))
        return text.len ? "blank" : "empty";
    return NULL;
}

/* False: all of the batch is refused, by *reterr or by what was added to faults. What the prompts have in common is
   judged also with one that cannot be made, by words that can. */
static bool judge_one(struct judging *judging, struct faults *faults, struct err *reterr)
{
    CLEANUP(generation_judged_done) struct generation_judged judged = {0};
    struct generation_wish *wish = &judging->wish->each;
    const struct batch_prompt *prompt = &judging->wish->prompts[judging->at];
    const char *plain = plain_fault(prompt);
    struct faults found = {0};

    (void)text_copy(wish->prompt, sizeof wish->prompt, plain ? TEXT("x") : text_of(prompt->text));
    if (generation_judge(judging->call, wish, judging->avatar, &judged, &found, reterr) && !plain)
        return made(judging, &judged, reterr);
    if (judged.is_blocked && !plain) {
        reterr->kind = ERR_NONE;
        refuse(judging, "moderation_blocked", &judged.verdict);
        return true;
    }
    if (reterr->kind != ERR_NONE)
        return false;
    keep_common(&found, faults);
    if (faults->count)
        return false;
    refuse(judging, plain ? plain : prompt_fault(&found), NULL);
    return true;
}

static bool judge_all(struct judging *judging, struct faults *faults, struct err *reterr)
{
    json_array(&judging->out);
    for (judging->at = 0; judging->at < judging->wish->count; judging->at++)
        if (!judge_one(judging, faults, reterr))
            return false;
    json_end_array(&judging->out);
    if (judging->out.overflow)
        return err_set(reterr, ERR_INTERNAL, "internal", "the items are too long");
    if (judging->judged->new.runnable == 0)
        *faults = judging->judged->refusals;
    return judging->judged->new.runnable > 0;
}

bool batch_judge(const struct call *call, struct batch_wish *wish, const struct avatar *avatar,
                 const struct idempotency *key, struct batch_judged *ret, struct faults *faults, struct err *reterr)
{
    struct judging judging = {.call = call, .wish = wish, .avatar = avatar, .key = key, .judged = ret};

    *ret = (struct batch_judged){.new = {.id = uuid_make(), .is_sequential = wish->is_sequential},
                                 .items = buf_make(ITEMS_MAX_BYTES)};
    judging.out = json_out_begin(&ret->items);
    wish->each.batch = true;
    reterr->kind = ERR_NONE;
    if (!judge_all(&judging, faults, reterr)) {
        batch_judged_done(ret);
        return false;
    }
    ret->new.items = ret->items.bytes;
    return true;
}

void batch_judged_done(struct batch_judged *judged)
{
    generation_judged_done(&judged->first);
    buf_done(&judged->items);
    *judged = (struct batch_judged){0};
}
