#pragma once
/* The public keys that may have signed a webhook (a JSON Web Key Set with Ed25519 keys, RFC 8037). */
#include "base/crypto.h"
#include "base/err.h"
#include "base/text.h"

enum { KEY_SET_MAX = 16 };

struct key_set {
    int count;
    unsigned char keys[KEY_SET_MAX][ED25519_KEY_BYTES];
};

/* Keys of other kinds are passed over, and whatever comes after KEY_SET_MAX. False: not a key set, or none usable. */
bool key_set_read(struct text json, struct key_set *ret, struct err *reterr);

/* Did one of the keys sign the message? fal.ai does not say which one. */
bool key_set_verify(const struct key_set *set, struct text message,
                    const unsigned char signature[ED25519_SIGNATURE_BYTES]);
