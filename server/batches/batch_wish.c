#include "batches/batch_wish.h"

#include <string.h>

/* Not inside of a character. */
static size_t cut_length(struct text prompt, size_t room)
{
    size_t len = prompt.len;

    if (len <= room)
        return len;
    for (len = room; len > 0 && ((unsigned char)prompt.at[len] & 0xc0) == 0x80;)
        len--;
    return len;
}

bool batch_wish_add(struct batch_wish *wish, struct text prompt)
{
    struct batch_prompt *to = &wish->prompts[wish->count];
    size_t len;

    if (wish->count == BATCH_MAX)
        return false;
    len = cut_length(prompt, sizeof to->text - 1);
    memcpy(to->text, prompt.at, len);
    to->text[len] = '\0';
    to->is_cut = len < prompt.len;
    wish->count++;
    return true;
}
