#pragma once
/* The running service: its parts are made in order of their needs, and ended in the opposite one. */
#include "base/config.h"
#include "base/err.h"

struct app_roles {
    bool http, work;
};

/* Runs until SIGTERM or SIGINT, then ends gracefully within ten seconds. False: it could not start, and reterr says in
   words what to do. program is argv[0]. */
bool app_serve(const struct config *config, struct app_roles roles, const char *program, struct err *reterr);
