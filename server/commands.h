#pragma once
/* The sub-commands beside serve. Each returns the process's exit code; results go to standard output as one line of
   JSON, faults to standard error in words. */
#include "base/buf.h"
#include "base/config.h"
#include "base/err.h"

int command_migrate(const struct config *config);
/* Configuration and dependencies, one line each. */
int command_check(const struct config *config, const char *program);
/* argv[0] is "create". */
int command_user(const struct config *config, int argc, char **argv);
int command_token(const struct config *config, int argc, char **argv);
int command_link(const struct config *config, int argc, char **argv);
/* argv[0] is "credit" or "endpoint". */
int command_admin(const struct config *config, int argc, char **argv);
/* The states of endpoints: all of them, a line each, or one, and switching it. argv[0] is "endpoint". */
int command_endpoint(const struct config *config, int argc, char **argv);
/* argv[0] is "dead", "retry" or "discard". A list is a line of JSON for each. */
int command_jobs(const struct config *config, int argc, char **argv);
/* Sees to it that there is a user to try things with, who owns a portrait and a style avatar. */
int command_demo(const struct config *config, int argc, char **argv);

/* Shared by them: the words of a failure (exit code 1), and the one line of a result. */
enum { COMMAND_MAX_LINE = 4096 };
int command_fail(const char *what, const struct err *err);
int command_print(const char *what, const struct buf *line);
