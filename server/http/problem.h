#pragma once
/* Problem documents (RFC 9457), the one shape of every error answer. */
#include "base/faults.h"
#include "base/messages.h"
#include "json/json_out.h"

struct problem {
    int status;
    const char *code;
    enum lang lang;
    const char *request_id;
    const struct faults *faults; /* NULL: none */
    bool is_short;               /* too few credits, or photos: its members needed and available, also in the text */
    int64_t needed, available;
    const char *category;   /* of what is blocked, a member; the detail is then that of the first fault. NULL: none */
    const char *advice;     /* in place of the code's own; NULL: that */
    struct text suggestion; /* a JSON value, of the member of that name; at NULL: none */
};

void problem_write(struct json_out *out, const struct problem *problem);

/* key: {code, message} of what a thing failed of or waits for, in an open object; null when code is NULL or "". */
void problem_write_notice(struct json_out *out, const char *key, const char *code, enum lang lang);
