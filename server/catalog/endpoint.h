#pragma once
/* One entry of the endpoint registry: what a fal.ai model takes, what it costs, whether it still lives.
   State and replacement are what the data file says until an operator switches them (catalog_switch), which may happen
   at any time: who needs one twice reads it once. Everything else never changes. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "json/json_in.h"

enum { ENDPOINT_PARAMETERS_MAX = 24, PARAMETER_OPTIONS_MAX = 12 };

enum endpoint_kind { ENDPOINT_GENERATION, ENDPOINT_VARIATION, ENDPOINT_TRAINING };
enum endpoint_state { ENDPOINT_ACTIVE, ENDPOINT_DEPRECATED, ENDPOINT_GONE };

enum parameter_type {
    PARAMETER_TEXT,
    PARAMETER_URL,
    PARAMETER_INTEGER, /* min..max */
    PARAMETER_UINT64,  /* a seed */
    PARAMETER_NUMBER,  /* min..max */
    PARAMETER_BOOLEAN,
    PARAMETER_ENUM,       /* a string out of options */
    PARAMETER_IMAGE_SIZE, /* a name, or {width, height} with sides in min..max */
    PARAMETER_LORAS,      /* [{path, scale}], scale in min..max */
};

struct parameter {
    char name[40];
    enum parameter_type type;
    bool required;
    double min, max;
    struct parameter_options {
        int count;
        char at[PARAMETER_OPTIONS_MAX][16];
    } options;
    struct parameter_default { /* what the endpoint takes when it is not sent */
        bool given;
        double number; /* of numbers; of a boolean 0 or 1 */
        char text[16]; /* of an enum */
    } otherwise;
};

struct endpoint {
    char id[64]; /* "fal-ai/flux-lora" */
    enum endpoint_kind kind;
    struct endpoint_shipped { /* what the data file says */
        enum endpoint_state state;
        char replacement[64]; /* id of the endpoint to use instead; "": none */
    } shipped;
    atomic_int state;                         /* endpoint_state reads it */
    _Atomic(const struct endpoint *) instead; /* endpoint_replacement does */
    int64_t price;                            /* credits, for one image or one training */
    struct parameter_list {
        int count;
        struct parameter at[ENDPOINT_PARAMETERS_MAX];
    } parameters;
};

extern const struct json_field endpoint_fields[];

/* As they are now. */
enum endpoint_state endpoint_state(const struct endpoint *endpoint);
const struct endpoint *endpoint_replacement(const struct endpoint *endpoint); /* NULL: none */

/* Who serves what is meant for the wanted one, among itself, its replacement, that one's replacement and so on, as far
   as they fit: the first that is active, else the first that is not gone; NULL: nobody. */
typedef bool (*endpoint_fits_fn)(const struct endpoint *endpoint, const void *what);
const struct endpoint *endpoint_serving(const struct endpoint *wanted, endpoint_fits_fn fits, const void *what);

/* The words of data files and of the API: "active", "generation". */
const char *endpoint_state_word(enum endpoint_state state);
const char *endpoint_kind_word(enum endpoint_kind kind);
const char *parameter_type_word(enum parameter_type type);
bool endpoint_state_read(const char *word, enum endpoint_state *ret); /* false: no such word */

/* NULL: the endpoint takes no parameter of that name. */
const struct parameter *endpoint_parameter(const struct endpoint *endpoint, const char *name);

bool parameter_takes_number(const struct parameter *parameter, double value); /* integers too */
bool parameter_takes_option(const struct parameter *parameter, const char *value);
/* "jpeg, png", cut when it is too long for to. */
void parameter_write_options(const struct parameter *parameter, char *to, size_t room);

/* Adds the fault that value has under the name field, and returns false; true: there is none. */
bool parameter_check_number(const struct parameter *parameter, double value, const char *field, struct faults *faults);
bool parameter_check_option(const struct parameter *parameter, const char *value, const char *field,
                            struct faults *faults);
