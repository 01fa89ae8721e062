#include "web/remake_forms.h"

#include "generations/remake.h"
#include "http/body.h"
#include "http/reply.h"
#include "web/create_trouble.h"
#include "web/form.h"

struct remake_form {
    struct remake remake;
    char key[IDEMPOTENCY_KEY_MAX + 1];
    char change[16];
};

static const struct query_field VARY_FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct remake_form, key, .max = IDEMPOTENCY_KEY_MAX),
    QUERY_FIELD(QUERY_TEXT, struct remake_form, change, .max = 15),
    {0},
};
static const struct query_field KEY_FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct remake_form, key, .max = IDEMPOTENCY_KEY_MAX),
    {0},
};

/* What the buttons cannot have said: a page that is older than the catalogue. */
static struct next stale(struct call *call)
{
    struct err err;

    (void)err_set(&err, ERR_CONFLICT, "stale_form", "%s", call->route->path);
    return reply_err(call, &err);
}

static struct next begin(struct call *call, enum remake_kind kind, const struct query_field *fields)
{
    static const struct generation_answers ANSWERS = {create_trouble_none, reply_faults, wish_steps_reply, NULL};
    struct remake_form *form = call_state_make(call, sizeof *form);
    struct generation_create *create = &form->remake.create;
    struct faults faults = {0};
    struct next reply;
    struct err err;

    create->answers = &ANSWERS;
    if (!body_only_id(call, &form->remake.id, &reply) || !form_read(call, fields, form, &faults, &reply))
        return reply;
    if (!generation_create_is_on(call, &err))
        return reply_err(call, &err);
    if (*form->change && !plan_change_read(form->change, &create->wish.source.change))
        return stale(call);
    if (faults.count || !idempotency_from_form(call, form->key, &create->steps.key))
        return stale(call);
    return remake_begin(call, kind);
}

struct next remake_forms_vary(struct call *call) { return begin(call, REMAKE_VARIATION, VARY_FIELDS); }
struct next remake_forms_repeat(struct call *call) { return begin(call, REMAKE_REPEAT, KEY_FIELDS); }
struct next remake_forms_more(struct call *call) { return begin(call, REMAKE_AGAIN, KEY_FIELDS); }
struct next remake_forms_again(struct call *call) { return begin(call, REMAKE_GENERATION_AGAIN, KEY_FIELDS); }
