#include "hooks/hook_token.h"

#include <inttypes.h>
#include <stdio.h>

enum { MAC_BYTES = 16 };

void hook_token_write(struct mac *mac, int64_t submission, char to[HOOK_TOKEN_ROOM])
{
    unsigned char sign[SHA256_BYTES];
    char sign_text[BASE64URL_ROOM(MAC_BYTES)];
    int len = snprintf(to, HOOK_TOKEN_ROOM, "%" PRId64, submission);

    mac_sign(mac, (struct text){to, (size_t)len}, sign);
    base64url_write(sign, MAC_BYTES, sign_text);
    (void)snprintf(to + len, HOOK_TOKEN_ROOM - (size_t)len, ".%s", sign_text);
}

bool hook_token_read(struct mac *mac, struct text token, int64_t *ret_submission)
{
    struct text rest = token, id = text_cut(&rest, '.');
    char right[HOOK_TOKEN_ROOM];

    if (!rest.at || !text_int64(id, 1, INT64_MAX, ret_submission))
        return false;
    hook_token_write(mac, *ret_submission, right);
    return crypto_equal(token, text_of(right));
}
