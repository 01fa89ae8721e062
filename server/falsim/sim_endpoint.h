#pragma once
/* The endpoints' inputs as tables, and values as the models read them: numbers and truths may come as text. Between
   sim_schema.c and sim_endpoint.c; others use sim_schema.h. */
#include "falsim/sim_schema.h"

enum sim_kind { TEXT_VALUE, INT_VALUE, NUMBER_VALUE, BOOL_VALUE, CHOICE_VALUE, SIZE_VALUE, LORAS_VALUE };

struct sim_field {
    const char *name;
    enum sim_kind kind;
    bool required, nullable;
    double min, max;     /* when different */
    const char *choices; /* separated by spaces */
};

/* Names of the sizes that image_size knows, separated by spaces. */
extern const char SIM_SIZES[];

bool sim_read_number(yajl_val value, double *ret);
bool sim_read_bool(yajl_val value, bool *ret);
