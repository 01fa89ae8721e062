#pragma once
#include <stdbool.h>

#include "falsim/sim.h"

/* Reads the command line. False: said on standard error what is wrong (or the help on standard output when *rethelp).
 */
bool sim_options_read(int count, char **words, struct sim_config *ret, bool *rethelp);
