#pragma once
/* The words of a wish: as they were typed, or a style's, fitted to the avatar. */
#include "avatars/avatar.h"
#include "base/buf.h"
#include "base/faults.h"
#include "generations/generation_wish.h"
#include "http/call.h"

/* Exactly one of prompt and template_id, of a style that exists. Own styles are looked up later. */
void wish_prompt_check(const struct call *call, const struct generation_wish *wish, struct faults *faults);
/* Is its template_id that of an own style, which has to be read first? */
bool wish_prompt_is_own(const struct generation_wish *wish, struct uuid *ret);
/* The preset of a shipped style; NULL: none. */
const char *wish_prompt_preset(const struct call *call, const struct generation_wish *wish);

/* Appends them. *ret_variant: of a style whose prompt is tried in several ways; NULL: none. False: faults. */
bool wish_prompt_write(const struct call *call, const struct generation_wish *wish, const struct avatar *avatar,
                       struct buf *prompt, const char **ret_variant, struct faults *faults);
