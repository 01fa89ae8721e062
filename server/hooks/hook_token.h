#pragma once
/* The secret part of the address that the provider calls when a submission has ended: its id and a MAC of it, so that
   an invented address costs no look-up. */
#include <stdint.h>

#include "base/crypto.h"

enum { HOOK_TOKEN_ROOM = 48 };

void hook_token_write(struct mac *mac, int64_t submission, char to[HOOK_TOKEN_ROOM]);
bool hook_token_read(struct mac *mac, struct text token, int64_t *ret_submission);
