#pragma once
/* The arithmetic of the face finder's nets: one function a kind of layer. Values lie by row, column and channel
   ("depth"), 32-bit floats. Nothing here allocates but face_weights_pack, and nothing checks: face_net.c does. */
#include <stdbool.h>

enum {
    FACE_LANES = 8,       /* output channels that a convolution computes at a time */
    FACE_PATCH_MAX = 128, /* values below a window larger than 1 x 1 */
    FACE_DEPTH_MAX = 1024,
};

struct face_shape {
    int height, width, depth;
};

struct face_layer {
    struct face_shape in, out;
    const float *from, *also;
    float *to;
    float *weights, *bias; /* of convolutions: packed, owned by whoever packed them */
    int window, stride, pad_top, pad_left;
    bool relu;       /* negative results become 0: face_conv and face_add only */
    bool half_pixel; /* resizing */
};

/* Weights of a convolution, [out][window][window][in] -> blocks of FACE_LANES outputs, padded with zeros; the same for
   its bias, with window 1 and one input. */
float *face_weights_pack(const float *weights, int inputs, int outputs);

void face_conv(const struct face_layer *layer);
void face_depthwise(const struct face_layer *layer); /* window 3, weights [3][3][depth] */
void face_add(const struct face_layer *layer);       /* from + also, whose depth is in.depth; 0 in the channels above */
void face_max_pool(const struct face_layer *layer);  /* window 2, stride 2, even sides */
void face_resize(const struct face_layer *layer);    /* bilinear */
void face_copy(const struct face_layer *layer);

float face_widen(unsigned half); /* IEEE 754 half precision */
