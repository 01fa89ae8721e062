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
};

void problem_write(struct json_out *out, const struct problem *problem);

/* "error": {code, message} of a thing that failed, in an open object; null when code is NULL or "". */
void problem_write_failure(struct json_out *out, const char *code, enum lang lang);
