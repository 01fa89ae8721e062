#include "catalog/safety.h"

#include <string.h>

static const struct parameter *tolerance_of(const struct endpoint *endpoint)
{
    return endpoint_parameter(endpoint, "safety_tolerance");
}

static int place_of(const struct parameter *parameter, const char *option)
{
    for (int i = 0; i < parameter->options.count; i++)
        if (strcmp(parameter->options.at[i], option) == 0)
            return i;
    return -1;
}

int safety_options(const struct preset *preset, const struct parameter *tolerance)
{
    return place_of(tolerance, preset->max_safety_tolerance) + 1;
}

/* The parameter with nothing in it that is not allowed. */
static struct parameter allowed(const struct preset *preset, const struct parameter *tolerance)
{
    struct parameter less = *tolerance;

    less.options.count = safety_options(preset, tolerance);
    return less;
}

bool safety_check(const struct preset *preset, const struct endpoint *endpoint, const char *tolerance,
                  const char *field, struct faults *faults)
{
    const struct parameter *parameter = tolerance_of(endpoint);
    struct parameter less;

    if (!parameter)
        return true;
    less = allowed(preset, parameter);
    return parameter_check_option(&less, tolerance, field, faults);
}

void safety_tighten(const struct preset *preset, const struct endpoint *endpoint, struct settings *settings)
{
    const struct parameter *parameter = tolerance_of(endpoint);
    struct faults faults = {0};

    if (parameter && settings->given.safety_tolerance &&
        !safety_check(preset, endpoint, settings->safety_tolerance, "", &faults))
        (void)text_copy(settings->safety_tolerance, sizeof settings->safety_tolerance,
                        text_of(preset->max_safety_tolerance));
}
