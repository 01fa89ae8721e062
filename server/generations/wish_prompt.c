#include "generations/wish_prompt.h"

#include <string.h>

#include "local.h"
#include "styles/styles.h"

bool wish_prompt_is_own(const struct generation_wish *wish, struct uuid *ret)
{
    return uuid_read(text_of(wish->template_id), ret);
}

/* NULL: the wish names no shipped style. */
static const struct style *style_of(const struct call *call, const struct generation_wish *wish)
{
    return *wish->template_id ? styles_find(local_of(call)->styles, wish->template_id) : NULL;
}

void wish_prompt_check(const struct call *call, const struct generation_wish *wish, struct faults *faults)
{
    struct uuid own;

    if (!*wish->template_id) {
        if (!*wish->prompt && !faults_have(faults, "prompt"))
            (void)faults_add(faults, "prompt", "prompt_or_style");
        if (wish->choices.count)
            (void)faults_add(faults, "choices", "choices_without_style");
        return;
    }
    if (*wish->prompt)
        (void)faults_add_what(faults, "template_id", "exclusive", TEXT("prompt"));
    else if (!style_of(call, wish) && !wish_prompt_is_own(wish, &own))
        (void)faults_add(faults, "template_id", "style_unknown");
}

const char *wish_prompt_preset(const struct call *call, const struct generation_wish *wish)
{
    const struct style *style = style_of(call, wish);

    return style ? style->preset : NULL;
}

static bool write_shipped(const struct call *call, const struct style *style, const struct generation_wish *wish,
                          const struct style_wearer *wearer, struct buf *prompt, const char **ret_variant,
                          struct faults *faults)
{
    const struct style_variant *variant = style_variant(style, call->who.user);

    *ret_variant = *variant->name ? variant->name : NULL;
    return style_prompt_write(style, variant, wearer, &wish->choices, prompt, faults);
}

static bool write_own(const struct generation_wish *wish, const struct style_wearer *wearer, struct buf *prompt,
                      struct faults *faults)
{
    if (wish->choices.count)
        return faults_add(faults, "choices", "choices_without_style");
    return style_own_prompt_write(text_of(wish->prompt), wearer, prompt) ||
           faults_add_range(faults, "template_id", "too_long", 1, PLAN_PROMPT_MAX);
}

bool wish_prompt_write(const struct call *call, const struct generation_wish *wish, const struct avatar *avatar,
                       struct buf *prompt, const char **ret_variant, struct faults *faults)
{
    const struct style_wearer wearer = {avatar_model_of(avatar).type, avatar->gender};
    const struct style *style = style_of(call, wish);

    *ret_variant = NULL;
    if (style)
        return write_shipped(call, style, wish, &wearer, prompt, ret_variant, faults);
    if (*wish->template_id)
        return write_own(wish, &wearer, prompt, faults);
    (void)buf_add_text(prompt, wish->prompt);
    return true;
}
