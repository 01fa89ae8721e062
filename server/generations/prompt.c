#include "generations/prompt.h"

#include <ctype.h>

/* Blocks beyond ASCII that hold spaces, punctuation, symbols and pictures; the rest is taken for letters. */
static const struct {
    uint32_t first, last;
} NO_LETTERS[] = {
    {0x0080, 0x00a9},   {0x00ab, 0x00b4}, {0x00b6, 0x00b9}, {0x00bb, 0x00bf}, /* Latin-1 signs but a, mu, o */
    {0x00d7, 0x00d7},   {0x00f7, 0x00f7}, {0x2000, 0x206f}, {0x20a0, 0x20cf}, /* punctuation, currencies */
    {0x2190, 0x2bff},   {0x3000, 0x3004}, {0x3008, 0x3020}, {0xfe30, 0xfe4f}, /* arrows to symbols, CJK signs */
    {0xff01, 0xff0f},   {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65}, /* full-width signs */
    {0x1f000, 0x1faff},                                                       /* pictographs */
};

static bool belongs_to_word(uint32_t c)
{
    if (c < 0x80)
        return isalnum((int)c) || c == '_';
    for (size_t i = 0; i < sizeof NO_LETTERS / sizeof NO_LETTERS[0]; i++)
        if (c >= NO_LETTERS[i].first && c <= NO_LETTERS[i].last)
            return false;
    return true;
}

/* Where the character before t.at[at] starts; at > 0. */
static size_t before(struct text t, size_t at)
{
    for (at--; at > 0 && ((unsigned char)t.at[at] & 0xc0) == 0x80;)
        at--;
    return at;
}

/* Is there no word that goes on across t.at[at]? */
static bool is_boundary(struct text t, size_t at)
{
    return at == 0 || at == t.len || !belongs_to_word(text_code_point(t, before(t, at))) ||
           !belongs_to_word(text_code_point(t, at));
}

static struct text trim(struct text trigger)
{
    while (trigger.len && isspace((unsigned char)trigger.at[0])) {
        trigger.at++;
        trigger.len--;
    }
    while (trigger.len && isspace((unsigned char)trigger.at[trigger.len - 1]))
        trigger.len--;
    return trigger;
}

bool prompt_has_trigger(struct text prompt, struct text trigger)
{
    trigger = trim(trigger);
    if (!trigger.len)
        return false;
    for (size_t at = 0; at + trigger.len <= prompt.len; at++)
        if (text_equal_ignoring_case((struct text){prompt.at + at, trigger.len}, trigger) && is_boundary(prompt, at) &&
            is_boundary(prompt, at + trigger.len))
            return true;
    return false;
}

bool prompt_write(struct text prompt, struct text trigger, struct buf *out)
{
    trigger = trim(trigger);
    if (trigger.len && !prompt_has_trigger(prompt, trigger) &&
        (!buf_add(out, trigger.at, trigger.len) || !buf_add_text(out, " ")))
        return false;
    return buf_add(out, prompt.at, prompt.len);
}
