#pragma once
/* The options of the sub-commands. Faults are said on standard error. */
#include "base/uuid.h"

struct options {
    const char *user, *name, *locale, *time_zone, *scopes, *token, *next, *credits, *reason, *limit, *state,
        *replacement, *note;
    const char *operand; /* what stands among them without a name; NULL: nothing */
    bool admin;
    struct uuid user_id; /* by options_user */
};

bool options_read(int argc, char **argv, struct options *ret);
/* Is the verb "create"? Else says how the command is used. */
bool options_create(const char *what, int argc, char **argv, const char *usage);
/* Reads the user that --user names. */
bool options_user(const char *what, struct options *options);
