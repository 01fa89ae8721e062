#pragma once
/* How lenient the provider may be asked to be: safety_tolerance, whose options go from the strictest ("1") to the most
   lenient. Each preset says in the data how far a request may go (max_safety_tolerance); stricter is always allowed. */
#include "catalog/preset.h"

/* How many of the parameter's options are allowed, from the first on. */
int safety_options(const struct preset *preset, const struct parameter *tolerance);

/* Adds not_one_of with those that are allowed. True: there is no such fault, or the endpoint takes no tolerance. */
bool safety_check(const struct preset *preset, const struct endpoint *endpoint, const char *tolerance,
                  const char *field, struct faults *faults);

/* Settings of another time, when more was allowed: brings them down to what is allowed now. */
void safety_tighten(const struct preset *preset, const struct endpoint *endpoint, struct settings *settings);
