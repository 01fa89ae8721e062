/* Webhook calls: four header lines, then the body. Each is checked as it came (nothing may verify by chance) and once
   more under a signature that is right, so that what lies behind the check is reached too. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "fal/fal_webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned char SEED[ED25519_KEY_BYTES] = {1};

static struct key_set own_key(void)
{
    struct key_set keys = {.count = 1};

    ed25519_public_key(SEED, keys.keys[0]);
    return keys;
}

static void check_signed(const struct key_set *keys, struct fal_webhook_headers headers, struct text body)
{
    unsigned char digest[SHA256_BYTES], raw[ED25519_SIGNATURE_BYTES];
    char digits[HEX_ROOM(SHA256_BYTES)], signature[HEX_ROOM(ED25519_SIGNATURE_BYTES)], message[1024];
    struct fal_webhook hook;
    struct err err;
    int len;

    crypto_sha256(body, digest);
    hex_write(digest, sizeof digest, digits);
    len = snprintf(message, sizeof message, "%.*s\nu\n1767225600\n%s", (int)headers.request_id.len,
                   headers.request_id.len ? headers.request_id.at : "", digits);
    if (len < 0 || (size_t)len >= sizeof message)
        return;
    ed25519_sign(SEED, (struct text){message, (size_t)len}, raw);
    hex_write(raw, sizeof raw, signature);
    headers.user_id = TEXT("u");
    headers.timestamp = TEXT("1767225600");
    headers.signature = text_of(signature);
    if (!fal_webhook_check(keys, &headers, body, 1767225600, &err))
        assert(strcmp(err.code, "webhook_bad_signature") != 0 ||
               memchr(headers.request_id.at, 0, headers.request_id.len));
    else if (fal_webhook_parse(body, &hook, &err))
        assert(text_equal(text_of(hook.request_id), headers.request_id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text body = {(const char *)data, size};
    struct fal_webhook_headers headers;
    struct fal_webhook hook;
    struct key_set keys = own_key();
    struct err err;

    headers.request_id = text_cut(&body, '\n');
    headers.user_id = text_cut(&body, '\n');
    headers.timestamp = text_cut(&body, '\n');
    headers.signature = text_cut(&body, '\n');
    assert(!fal_webhook_check(&keys, &headers, body, 1767225600, &err));
    check_signed(&keys, headers, body);
    if (fal_webhook_parse(body, &hook, &err))
        assert(hook.request_id[0] && hook.outcome.image_count <= FAL_IMAGES_MAX);
    return 0;
}
