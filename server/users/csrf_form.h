#pragma once
/* The form of a page that cannot set headers: csrf_token=… as application/x-www-form-urlencoded. */
#include "http/call.h"

enum { CSRF_TOKEN_MAX = 200 };

struct csrf_form {
    char csrf_token[CSRF_TOKEN_MAX + 1]; /* "": not there */
};

/* False: there is a body, and it is not this form; faults says why. */
bool csrf_form_decode(struct call *call, struct csrf_form *ret, struct faults *faults);
