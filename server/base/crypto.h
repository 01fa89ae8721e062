#pragma once
/* Randomness, hashes, MACs, signatures and their text forms, over OpenSSL 3's EVP. */
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { SHA256_BYTES = 32, ED25519_KEY_BYTES = 32, ED25519_SIGNATURE_BYTES = 64 };

/* From the kernel; never fails (aborts when the kernel has none). */
void crypto_random(void *bytes, size_t len);

void crypto_sha256(struct text t, unsigned char ret[SHA256_BYTES]);

/* Same bytes? The time taken does not depend on where they differ. Lengths are not secret. */
bool crypto_equal(struct text a, struct text b);

/* HMAC-SHA256 with a key that stays: one struct mac per key and thread. */
struct mac;
struct mac *mac_open(const void *key, size_t len);
void mac_close(struct mac *mac); /* NULL is fine */
void mac_sign(struct mac *mac, struct text message, unsigned char ret[SHA256_BYTES]);
/* A key for one purpose from the master secret: HMAC(secret, purpose). */
void mac_derive_key(struct text secret, const char *purpose, unsigned char ret[SHA256_BYTES]);

bool ed25519_verify(const unsigned char key[ED25519_KEY_BYTES], struct text message,
                    const unsigned char signature[ED25519_SIGNATURE_BYTES]);
/* seed is the private key. */
void ed25519_sign(const unsigned char seed[ED25519_KEY_BYTES], struct text message,
                  unsigned char ret[ED25519_SIGNATURE_BYTES]);
void ed25519_public_key(const unsigned char seed[ED25519_KEY_BYTES], unsigned char ret[ED25519_KEY_BYTES]);

/* Room for the text of len bytes and its NUL. */
#define HEX_ROOM(len) (2 * (len) + 1)
#define BASE64_ROOM(len) (((len) + 2) / 3 * 4 + 1)
#define BASE64URL_ROOM(len) (((len)*4 + 2) / 3 + 1)

void hex_write(const void *bytes, size_t len, char *to); /* lower case */
/* Exactly 2 * len digits of either case. */
bool hex_read(struct text t, void *ret, size_t len);
void base64_write(const void *bytes, size_t len, char *to);    /* RFC 4648 §4, padded */
void base64url_write(const void *bytes, size_t len, char *to); /* without padding */
/* Padded or not; false: a strange character, or not exactly len bytes. */
bool base64url_read(struct text t, void *ret, size_t len);

/* prefix + 40 random letters and digits (238 bits) into to[room]. */
void crypto_token(const char *prefix, char *to, size_t room);
