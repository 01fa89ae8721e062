#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

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

bool digest_file(enum digest_kind kind, int fd, int64_t from, int64_t bytes, unsigned char ret[DIGEST_BYTES_MAX])
{
    struct digest *digest = digest_open(kind);
    char piece[64 * 1024];
    ssize_t got = 0;

    for (int64_t left = bytes; left > 0; left -= got) {
        do
            got = pread(fd, piece, left < (int64_t)sizeof piece ? (size_t)left : sizeof piece, from + bytes - left);
        while (got < 0 && errno == EINTR);
        if (got == 0)
            errno = 0;
        if (got <= 0) {
            digest_close(digest);
            return false;
        }
        digest_add(digest, (struct text){piece, (size_t)got});
    }
    (void)digest_done(digest, ret);
    return true;
}
