#pragma once
/* From the steps of a file to calls of layers. Inside image/ only. */
#include "image/face_build.h"

struct face_call {
    void (*run)(const struct face_layer *layer);
    struct face_layer layer;
};

struct face_program {
    struct face_call calls[FACE_FILE_STEPS * FACE_FILE_INPUTS];
    int call_count;
    struct face_places places;
};

/* Adds what the step needs, perhaps nothing. Only steps as the two nets have them are known; anything else is a fault
   of *b. */
void face_step_build(struct face_program *program, struct face_build *b, const struct face_step *step);
