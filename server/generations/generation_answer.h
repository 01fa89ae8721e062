#pragma once
/* What a JSON client is told of its wish, whichever route it came by. */
#include "generations/generation_create.h"

/* 202 and the generation; of a dry run 200 and what would be made. */
const struct generation_answers *generation_answers_for(const struct generation_wish *wish);

/* Of a dry run (generation_dry.c). */
struct next generation_dry_reply(struct call *call, const struct avatar *avatar,
                                 const struct generation_judged *judged);
/* How many of these this process has answered. */
uint64_t generation_dry_replies(void);
