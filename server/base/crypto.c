#include "base/crypto.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct mac {
    EVP_MAC_CTX *context;
};

static void must(int ok)
{
    if (ok != 1)
        abort(); /* OpenSSL out of memory or misused: there is no safe way on */
}

void crypto_random(void *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t got = getrandom((char *)bytes + done, len - done, 0);
        if (got < 0)
            abort();
        done += (size_t)got;
    }
}

void crypto_sha256(struct text t, unsigned char ret[SHA256_BYTES])
{
    must(EVP_Digest(t.at, t.len, ret, NULL, EVP_sha256(), NULL));
}

bool crypto_equal(struct text a, struct text b) { return a.len == b.len && CRYPTO_memcmp(a.at, b.at, a.len) == 0; }

struct mac *mac_open(const void *key, size_t len)
{
    struct mac *mac = malloc(sizeof *mac);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};

    if (!mac || !hmac || !(mac->context = EVP_MAC_CTX_new(hmac)))
        abort();
    EVP_MAC_free(hmac);
    must(EVP_MAC_init(mac->context, key, len, params));
    return mac;
}

void mac_close(struct mac *mac)
{
    if (!mac)
        return;
    EVP_MAC_CTX_free(mac->context);
    free(mac);
}

void mac_sign(struct mac *mac, struct text message, unsigned char ret[SHA256_BYTES])
{
    size_t len;

    must(EVP_MAC_init(mac->context, NULL, 0, NULL)); /* the same key again */
    must(EVP_MAC_update(mac->context, (const unsigned char *)message.at, message.len));
    must(EVP_MAC_final(mac->context, ret, &len, SHA256_BYTES));
}

void mac_derive_key(struct text secret, const char *purpose, unsigned char ret[SHA256_BYTES])
{
    struct mac *mac = mac_open(secret.at, secret.len);

    mac_sign(mac, text_of(purpose), ret);
    mac_close(mac);
}

bool ed25519_verify(const unsigned char key[ED25519_KEY_BYTES], struct text message,
                    const unsigned char signature[ED25519_SIGNATURE_BYTES])
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, ED25519_KEY_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = pkey && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
              EVP_DigestVerify(context, signature, ED25519_SIGNATURE_BYTES, (const unsigned char *)message.at,
                               message.len) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return ok;
}

void ed25519_sign(const unsigned char seed[ED25519_KEY_BYTES], struct text message,
                  unsigned char ret[ED25519_SIGNATURE_BYTES])
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_KEY_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = ED25519_SIGNATURE_BYTES;

    must(pkey && context);
    must(EVP_DigestSignInit(context, NULL, NULL, NULL, pkey));
    must(EVP_DigestSign(context, ret, &len, (const unsigned char *)message.at, message.len));
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
}

void ed25519_public_key(const unsigned char seed[ED25519_KEY_BYTES], unsigned char ret[ED25519_KEY_BYTES])
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_KEY_BYTES);
    size_t len = ED25519_KEY_BYTES;

    must(pkey != NULL);
    must(EVP_PKEY_get_raw_public_key(pkey, ret, &len));
    EVP_PKEY_free(pkey);
}

void hex_write(const void *bytes, size_t len, char *to)
{
    static const char DIGITS[] = "0123456789abcdef";
    const unsigned char *b = bytes;

    for (size_t i = 0; i < len; i++) {
        to[2 * i] = DIGITS[b[i] >> 4];
        to[2 * i + 1] = DIGITS[b[i] & 15];
    }
    to[2 * len] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_read(struct text t, void *ret, size_t len)
{
    unsigned char *b = ret;

    if (t.len != 2 * len)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        int value = hex_value(t.at[i]);
        if (value < 0)
            return false;
        b[i / 2] = (unsigned char)(i % 2 ? b[i / 2] | value : value << 4);
    }
    return true;
}

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The characters for all bits, without padding; returns their end. */
static char *write_sextets(const void *bytes, size_t len, const char *alphabet, char *to)
{
    const unsigned char *b = bytes;
    unsigned bits = 0;
    int have = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | b[i];
        for (have += 8; have >= 6; have -= 6)
            *to++ = alphabet[bits >> (have - 6) & 63];
    }
    if (have)
        *to++ = alphabet[bits << (6 - have) & 63];
    return to;
}

void base64_write(const void *bytes, size_t len, char *to)
{
    char *end = write_sextets(bytes, len, BASE64, to);

    while ((end - to) % 4)
        *end++ = '=';
    *end = '\0';
}

void base64url_write(const void *bytes, size_t len, char *to) { *write_sextets(bytes, len, BASE64URL, to) = '\0'; }

static int base64url_value(char c)
{
    const char *found = c ? strchr(BASE64URL, c) : NULL;

    return found ? (int)(found - BASE64URL) : -1;
}

bool base64url_read(struct text t, void *ret, size_t len)
{
    unsigned char *b = ret;
    unsigned bits = 0;
    int have = 0;
    size_t used = 0, letters = (len * 4 + 2) / 3;

    if (t.len == (len + 2) / 3 * 4)
        while (t.len > letters && t.at[t.len - 1] == '=')
            t.len--;
    if (t.len != letters)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        int value = base64url_value(t.at[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (unsigned)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            b[used++] = (unsigned char)(bits >> have);
        }
    }
    return used == len && (bits & ((1u << have) - 1)) == 0;
}

void crypto_token(const char *prefix, char *to, size_t room)
{
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    enum { LENGTH = 40, UNBIASED = 256 / 62 * 62 };
    size_t used = strlen(prefix), end = used + LENGTH;

    assert(end < room && "no room for the token");
    memcpy(to, prefix, used);
    while (used < end) {
        unsigned char byte;
        crypto_random(&byte, 1);
        if (byte < UNBIASED)
            to[used++] = LETTERS[byte % 62];
    }
    to[used] = '\0';
}
