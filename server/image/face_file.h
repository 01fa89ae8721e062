#pragma once
/* Reads a TensorFlow Lite model as far as BlazeFace's two need it. The layout is that of schema version 3 (the
   FlatBuffers schema of TensorFlow Lite). Every offset is checked: a damaged file is an error, never a stray read. */
#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

enum { FACE_FILE_TENSORS = 1024, FACE_FILE_STEPS = 512, FACE_FILE_INPUTS = 4, FACE_FILE_VALUES = 1 << 22 };

enum face_type { FACE_FLOAT = 0, FACE_HALF = 1, FACE_INT = 2 }; /* the schema's numbers */

struct face_tensor {
    int shape[4]; /* as in the file, moved to the right: {1, 1, 1, 24} for 24 values */
    int count;    /* of values */
    enum face_type type;
    struct text content; /* little endian, inside the file's bytes; len 0: it is computed */
};

enum face_op { /* the schema's numbers */
               FACE_ADD = 0,
               FACE_CONCAT = 2,
               FACE_CONV = 3,
               FACE_DEPTHWISE = 4,
               FACE_WIDEN = 6, /* 16-bit floats to 32 bits */
               FACE_MAX_POOL = 17,
               FACE_RELU = 19,
               FACE_RESHAPE = 22,
               FACE_RESIZE = 23, /* bilinear */
               FACE_PAD = 34,
};

struct face_step {
    enum face_op op;
    int in[FACE_FILE_INPUTS], in_count, out; /* indexes of tensors, all within the file */
    int stride, window;                      /* of both directions; 0 where the step has none */
    bool half_pixel;                         /* FACE_RESIZE: samples are taken at the centres of pixels */
};

/* Edges of convolutions and pools are filled so that out = in / stride, rounded up; nothing has a fused activation. */
struct face_file {
    struct face_tensor *tensors;
    int tensor_count;
    struct face_step *steps;
    int step_count;
    int input, boxes, scores; /* tensors */
};

/* bytes must outlive *ret. False: ERR_INTERNAL, face_model; *ret is empty then. */
bool face_file_read(struct text bytes, struct face_file *ret, struct err *reterr);
void face_file_done(struct face_file *file);
