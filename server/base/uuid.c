#include "base/uuid.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"

struct uuid uuid_make(void)
{
    unsigned char b[16];
    uint64_t ms = (uint64_t)clock_wall_us() / 1000;
    struct uuid id;
    char *at = id.text;

    crypto_random(b, sizeof b);
    for (int i = 0; i < 6; i++)
        b[i] = (unsigned char)(ms >> (40 - 8 * i));
    b[6] = (unsigned char)(0x70 | (b[6] & 0x0f));
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        at += snprintf(at, 3, "%02x", b[i]);
    }
    return id;
}

bool uuid_read(struct text t, struct uuid *ret)
{
    struct uuid id;

    if (t.len != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        char c = t.at[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (c >= 'A' && c <= 'F')
            c = (char)(c | 0x20);
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        id.text[i] = c;
    }
    id.text[36] = '\0';
    *ret = id;
    return true;
}
