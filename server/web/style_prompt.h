#pragma once
/* The prompt of a style as it will be for an avatar, for pages: what is shown, and what a form is filled with. */
#include "web/style_view.h"

/* Without the trigger. Lives as long as the call; NULL: there is no avatar to write it for. What is chosen wrongly is
   passed over: the defaults stand in its place. */
const char *style_prompt_shown(struct call *call, const struct style_subject *subject, const struct style_reads *reads,
                               const struct avatar_choice *avatar, const struct style_chosen *chosen);
