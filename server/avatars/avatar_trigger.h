#pragma once
/* The words that call a model up. They go before every prompt, so what may not stand in a prompt is none. */
#include <stdbool.h>

struct moderation;
struct moderation_verdict;

/* Each "" when there is none. False: the verdict, which borrows from the text, is about the one whose field's name is
   in *ret_field ("trigger_phrase", "trigger_word"). */
bool avatar_trigger_passes(const struct moderation *moderation, const char *trigger_phrase, const char *trigger_word,
                           struct moderation_verdict *ret, const char **ret_field);
