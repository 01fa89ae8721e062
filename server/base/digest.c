#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* OpenSSL's context is the whole state. */
static EVP_MD_CTX *context_of(struct digest *digest) { return (EVP_MD_CTX *)digest; }

static void must(int ok)
{
    if (ok != 1)
        abort(); /* out of memory or misused: there is no safe way on */
}

struct digest *digest_open(enum digest_kind kind)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (!context)
        abort();
    must(EVP_DigestInit_ex(context, kind == DIGEST_MD5 ? EVP_md5() : EVP_sha256(), NULL));
    return (struct digest *)context;
}

void digest_add(struct digest *digest, struct text bytes)
{
    must(EVP_DigestUpdate(context_of(digest), bytes.at, bytes.len));
}

size_t digest_done(struct digest *digest, unsigned char ret[DIGEST_BYTES_MAX])
{
    unsigned len = 0;

    must(EVP_DigestFinal_ex(context_of(digest), ret, &len));
    digest_close(digest);
    return len;
}

void digest_close(struct digest *digest) { EVP_MD_CTX_free(context_of(digest)); }
