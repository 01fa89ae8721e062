#pragma once
/* The book-keeping while a net is built from its file: which tensors are constant, which lie in whose place, and which
   places are free again because nobody is left to read them. Inside image/ only. */
#include "image/face_file.h"
#include "image/face_layers.h"

enum { FACE_PLACES = 64 };

/* Memory of the net for what it computes. */
struct face_places {
    float *at[FACE_PLACES];
    int size[FACE_PLACES]; /* in values */
    int count;
};

struct face_value {
    int constant; /* the tensor that has its content in the file; -1: it is computed */
    int readers;  /* steps that are still to read it; the net's input and answer have one too many */
    int home;     /* the tensor in whose place it lies; -1: not computed yet */
    int depth;    /* channels that are really there: fewer than its shape has where zeros were added */
    int place;    /* of a home */
    struct face_layer *maker;
};

struct face_build {
    const struct face_file *file;
    struct face_places *places;
    bool taken[FACE_PLACES];
    struct face_value values[FACE_FILE_TENSORS];
    const char *fault; /* the first one; what follows has no meaning */
};

void face_build_start(struct face_build *b, const struct face_file *file, struct face_places *places);
bool face_build_fault(struct face_build *b, const char *why); /* false */

/* Height, width and depth of a computed tensor. */
struct face_shape face_build_shape(const struct face_build *b, int tensor);
/* Where an earlier step has left it. NULL: a fault. */
float *face_build_read(struct face_build *b, int tensor);
/* A place for a result. NULL: a fault. maker may be NULL. */
float *face_build_write(struct face_build *b, int tensor, struct face_layer *maker);
/* From now on the tensor is where the other one is. False: a fault. */
bool face_build_share(struct face_build *b, int tensor, int with);
/* A step is built: what only it still had to read may be overwritten. */
void face_build_step_done(struct face_build *b, const struct face_step *step);

/* Constant values as 32-bit floats, for the caller to free. NULL: a fault: they are not constant, or not as many. */
float *face_build_constants(struct face_build *b, int tensor, int count);

void face_places_done(struct face_places *places);
