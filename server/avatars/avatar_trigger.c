#include "avatars/avatar_trigger.h"

#include "moderation/moderation.h"

bool avatar_trigger_passes(const struct moderation *moderation, const char *trigger_phrase, const char *trigger_word,
                           struct moderation_verdict *ret, const char **ret_field)
{
    *ret_field = "trigger_phrase";
    if (*trigger_phrase && !moderation_passes(moderation, text_of(trigger_phrase), ret))
        return false;
    *ret_field = "trigger_word";
    return !*trigger_word || moderation_passes(moderation, text_of(trigger_word), ret);
}
