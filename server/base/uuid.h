#pragma once
/* UUIDs as the text that PostgreSQL and JSON carry: 36 characters, lower case. */
#include <stdbool.h>

#include "base/text.h"

struct uuid {
    char text[37];
};

/* Version 7 (RFC 9562): ordered by the time of its making, those of one thread without exception; 62 random bits behind
   that. */
struct uuid uuid_make(void);

/* Exactly 36 characters, 8-4-4-4-12 hexadecimal digits; capitals are made small. False: *ret is as it was. */
bool uuid_read(struct text t, struct uuid *ret);
