#include "falsim/sim_keys.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PUBLISHED = 2 };

struct sim_keys {
    pthread_mutex_t mutex;
    unsigned char seeds[PUBLISHED][ED25519_KEY_BYTES]; /* oldest first */
    int count, made;
};

struct sim_keys *sim_keys_open(void)
{
    struct sim_keys *keys = calloc(1, sizeof *keys);

    if (!keys || pthread_mutex_init(&keys->mutex, NULL) != 0)
        abort();
    return keys;
}

void sim_keys_close(struct sim_keys *keys)
{
    (void)pthread_mutex_destroy(&keys->mutex);
    free(keys);
}

int sim_keys_copy(struct sim_keys *keys, unsigned char ret[2][ED25519_KEY_BYTES])
{
    int count;

    (void)pthread_mutex_lock(&keys->mutex);
    memcpy(ret, keys->seeds, sizeof keys->seeds);
    count = keys->count;
    (void)pthread_mutex_unlock(&keys->mutex);
    return count;
}

bool sim_keys_empty(struct sim_keys *keys)
{
    unsigned char seeds[PUBLISHED][ED25519_KEY_BYTES];

    return sim_keys_copy(keys, seeds) == 0;
}

void sim_keys_add(struct sim_keys *keys, const unsigned char seed[ED25519_KEY_BYTES])
{
    (void)pthread_mutex_lock(&keys->mutex);
    if (keys->count == PUBLISHED)
        memcpy(keys->seeds[0], keys->seeds[1], ED25519_KEY_BYTES);
    else
        keys->count++;
    memcpy(keys->seeds[keys->count - 1], seed, ED25519_KEY_BYTES);
    keys->made++;
    (void)pthread_mutex_unlock(&keys->mutex);
}

void sim_keys_rotate(struct sim_keys *keys, uint64_t seed, unsigned char ret[ED25519_KEY_BYTES])
{
    char text[64];

    (void)pthread_mutex_lock(&keys->mutex);
    (void)snprintf(text, sizeof text, "key %d of %llu", keys->made, (unsigned long long)seed);
    (void)pthread_mutex_unlock(&keys->mutex);
    if (seed)
        crypto_sha256(text_of(text), ret);
    else
        crypto_random(ret, ED25519_KEY_BYTES);
    sim_keys_add(keys, ret);
}

void sim_keys_sign(struct sim_keys *keys, struct text message, unsigned char ret[ED25519_SIGNATURE_BYTES])
{
    unsigned char seeds[PUBLISHED][ED25519_KEY_BYTES];
    int count = sim_keys_copy(keys, seeds);

    ed25519_sign(seeds[count - 1], message, ret);
}

void sim_keys_write(struct sim_keys *keys, struct json_out *out)
{
    unsigned char seeds[PUBLISHED][ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES];
    char x[BASE64URL_ROOM(ED25519_KEY_BYTES)];
    int count = sim_keys_copy(keys, seeds);

    json_object(out);
    json_key(out, "keys");
    json_array(out);
    while (count-- > 0) {
        ed25519_public_key(seeds[count], public_key);
        base64url_write(public_key, sizeof public_key, x);
        json_object(out);
        json_key_text(out, "kty", "OKP");
        json_key_text(out, "crv", "Ed25519");
        json_key_text(out, "x", x);
        json_end_object(out);
    }
    json_end_array(out);
    json_end_object(out);
}
