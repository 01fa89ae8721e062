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
