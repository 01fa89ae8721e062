#pragma once
/* The keys that webhooks are signed with: the newest signs, the newest two are published. Callable from every thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "json/json_out.h"

struct sim_keys;
struct sim_keys *sim_keys_open(void);
void sim_keys_close(struct sim_keys *keys);

bool sim_keys_empty(struct sim_keys *keys);
void sim_keys_add(struct sim_keys *keys, const unsigned char seed[ED25519_KEY_BYTES]);
/* A new key, random or (seed != 0) derived from the seed and its number; *ret gets it for the state file. */
void sim_keys_rotate(struct sim_keys *keys, uint64_t seed, unsigned char ret[ED25519_KEY_BYTES]);
void sim_keys_sign(struct sim_keys *keys, struct text message, unsigned char ret[ED25519_SIGNATURE_BYTES]);
/* {"keys":[…]}, RFC 8037. */
void sim_keys_write(struct sim_keys *keys, struct json_out *out);
/* The published ones, oldest first; returns how many (at most 2). */
int sim_keys_copy(struct sim_keys *keys, unsigned char ret[2][ED25519_KEY_BYTES]);
