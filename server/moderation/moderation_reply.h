#pragma once
/* How the API says no to a text. */
#include "http/call.h"
#include "moderation/moderation.h"

/* 422 moderation_blocked with the member category, and an entry in errors[] for the field ("prompt"). */
struct next reply_moderated(struct call *call, const char *field, const struct moderation_verdict *verdict);
