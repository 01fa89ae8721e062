#pragma once
/* What is wrong with a request, field by field, all at once. A fault is a code with its numbers; the sentence for
   people is made from it in the reader's language when the answer is written (base/messages.h). */
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { FAULTS_MAX = 24 };

struct fault {
    char field[64];   /* "prompt", "image_size.width", or "" for the request as a whole */
    char code[32];    /* "required", "too_long", ... : a key of the message catalogue */
    int64_t min, max; /* the {min} and {max} of the message */
    char what[96];    /* the {what} of the message; always valid UTF-8 */
};

struct faults {
    struct fault items[FAULTS_MAX];
    int count; /* further faults are dropped: the first ones are enough to work with */
};

/* All return false, so that checks can end in: return faults_add(...). */
bool faults_add(struct faults *faults, const char *field, const char *code);
bool faults_add_range(struct faults *faults, const char *field, const char *code, int64_t min, int64_t max);
bool faults_add_what(struct faults *faults, const char *field, const char *code, struct text what);

/* Is there one of that field? */
bool faults_have(const struct faults *faults, const char *field);
