#include "base/uuid.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"

/* Millisecond and counter (RFC 9562, 6.2, method 1), as one number that only grows in this thread: the counter begins
   anywhere in the lower half of its 12 bits, and what overflows it comes from the next millisecond. */
static uint64_t next_place(uint64_t random)
{
    static _Thread_local uint64_t last;
    uint64_t ms = (uint64_t)clock_wall_us() / 1000, fresh = ms << 12 | (random & 0x7ff);

    last = ms > last >> 12 || last >> 12 > ms + 1000 /* the clock was set back */ ? fresh : last + 1;
    return last;
}

struct uuid uuid_make(void)
{
    unsigned char b[16];
    struct uuid id;
    char *at = id.text;
    uint64_t place;

    crypto_random(b, sizeof b);
    place = next_place((uint64_t)b[6] << 8 | b[7]);
    for (int i = 0; i < 6; i++)
        b[i] = (unsigned char)(place >> (52 - 8 * i));
    b[6] = (unsigned char)(0x70 | (place >> 8 & 0x0f));
    b[7] = (unsigned char)place;
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
