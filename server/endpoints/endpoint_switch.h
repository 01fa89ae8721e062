#pragma once
/* Switching an endpoint: what may be asked for, and the statement that makes it so for everybody. */
#include "base/faults.h"
#include "endpoints/endpoint_status.h"
#include "json/json_in.h"

enum { ENDPOINT_NOTE_MAX = 500 /* code points */ };

/* A merge patch: what is neither given nor null stays as it is. */
struct endpoint_change {
    char state[84];
    char replacement[164]; /* an id */
    char note[4 * ENDPOINT_NOTE_MAX + 1];
    bool has_state, has_replacement, has_note;
    bool no_replacement, no_note; /* null */
};

extern const struct json_field endpoint_change_fields[];

/* What the endpoint will be: its status with the change over it. Texts point into both. Where that cannot be, faults
   are added under state, replacement, note, or "" when there is nothing to change. */
struct endpoint_status endpoint_change_apply(const struct endpoint_statuses *statuses,
                                             const struct endpoint_status *status, const struct endpoint_change *change,
                                             struct faults *faults);

/* Writes it down, as by that user; "": the command line. One row. */
struct query endpoint_switch(const struct endpoint_status *wanted, struct uuid by);
