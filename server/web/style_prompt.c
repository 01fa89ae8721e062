#include "web/style_prompt.h"

#include <string.h>

#include "avatars/avatar.h"

/* Of the avatar with that id among the rows that were read. */
static const char *gender_of(struct call *call, const struct style_reads *reads, struct uuid id)
{
    for (int i = 0; i < rows_count(reads->avatars); i++) {
        const struct avatar avatar = avatar_from_row(rows_at(reads->avatars, i));
        if (strcmp(avatar.id.text, id.text) == 0)
            return call_text(call, text_of(avatar.gender));
    }
    return "";
}

static bool write_for(const struct call *call, const struct style_subject *subject, const struct style_wearer *wearer,
                      const struct style_chosen *chosen, struct buf *prompt)
{
    struct faults faults = {0};

    if (!subject->shipped)
        return style_own_prompt_write(text_of(subject->own->prompt), wearer, prompt);
    return style_prompt_write(subject->shipped, style_variant(subject->shipped, call->who.user), wearer, chosen, prompt,
                              &faults);
}

const char *style_prompt_shown(struct call *call, const struct style_subject *subject, const struct style_reads *reads,
                               const struct avatar_choice *avatar, const struct style_chosen *chosen)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(4 * STYLE_PROMPT_MAX + 1);
    struct style_wearer wearer;

    if (!avatar)
        return NULL;
    wearer.type = avatar->is_style ? AVATAR_STYLE : AVATAR_PORTRAIT;
    wearer.gender = gender_of(call, reads, avatar->id);
    if (!write_for(call, subject, &wearer, chosen, &prompt) && !write_for(call, subject, &wearer, NULL, &prompt))
        return subject->own ? call_text(call, text_of(subject->own->prompt)) : "";
    return call_text(call, (struct text){prompt.bytes, prompt.len});
}
