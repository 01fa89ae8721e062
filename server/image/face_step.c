#include "image/face_step.h"

#include <stdlib.h>
#include <string.h>

static bool same(struct face_shape a, struct face_shape b)
{
    return a.height == b.height && a.width == b.width && a.depth == b.depth;
}

/* A layer with its first input and its result. */
static struct face_layer *layer_add(struct face_program *program, struct face_build *b, const struct face_step *step,
                                    void (*run)(const struct face_layer *layer))
{
    struct face_call *call = &program->calls[program->call_count++];
    struct face_layer *l = &call->layer;

    call->run = run;
    l->in = face_build_shape(b, step->in[0]), l->out = face_build_shape(b, step->out);
    l->from = face_build_read(b, step->in[0]);
    l->to = face_build_write(b, step->out, run == face_conv || run == face_add ? l : NULL);
    if (b->values[step->in[0]].depth != l->in.depth)
        face_build_fault(b, "zeros are added before a step that cannot add them");
    return l;
}

/* Results where the window stands on every stride-th pixel, edges filled evenly, the odd one behind. */
static bool window_fits(struct face_build *b, struct face_layer *l, int window, int stride)
{
    int high = (l->out.height - 1) * stride + window - l->in.height;
    int wide = (l->out.width - 1) * stride + window - l->in.width;

    if (l->out.height != (l->in.height + stride - 1) / stride || l->out.width != (l->in.width + stride - 1) / stride)
        return face_build_fault(b, "a result is of another size");
    l->window = window, l->stride = stride;
    l->pad_top = high > 0 ? high / 2 : 0, l->pad_left = wide > 0 ? wide / 2 : 0;
    return true;
}

/* The side of a convolution's window; 0: a fault. */
static int window_of(struct face_build *b, const struct face_step *step)
{
    const int *in = b->file->tensors[step->in[0]].shape, *out = b->file->tensors[step->out].shape, *window;

    if (step->in_count == 3 && in[3] <= FACE_DEPTH_MAX && out[3] <= FACE_DEPTH_MAX) {
        window = b->file->tensors[step->in[1]].shape + 1;
        if (window[0] == window[1] && window[0] <= 5)
            return window[0];
    }
    face_build_fault(b, "a convolution is of an unknown kind");
    return 0;
}

static void build_conv(struct face_program *program, struct face_build *b, const struct face_step *step)
{
    struct face_layer *l = layer_add(program, b, step, face_conv);
    int window = window_of(b, step), inputs = window * window * l->in.depth;
    float *weights, *bias;

    if (window == 0 || (window > 1 ? inputs > FACE_PATCH_MAX : step->stride != 1)) {
        face_build_fault(b, "a convolution is of an unknown kind");
        return;
    }
    weights = face_build_constants(b, step->in[1], inputs * l->out.depth);
    bias = face_build_constants(b, step->in[2], l->out.depth);
    if (window_fits(b, l, window, step->stride) && weights && bias) {
        l->weights = face_weights_pack(weights, inputs, l->out.depth);
        l->bias = face_weights_pack(bias, 1, l->out.depth);
    }
    free(weights);
    free(bias);
}

static void build_depthwise(struct face_program *program, struct face_build *b, const struct face_step *step)
{
    struct face_layer *l = layer_add(program, b, step, face_depthwise);

    if (window_of(b, step) != 3 || l->in.depth != l->out.depth)
        face_build_fault(b, "a convolution is of an unknown kind");
    else if (window_fits(b, l, 3, step->stride)) {
        l->weights = face_build_constants(b, step->in[1], 9 * l->in.depth);
        l->bias = face_build_constants(b, step->in[2], l->in.depth);
    }
}

static void build_pool(struct face_program *program, struct face_build *b, const struct face_step *step)
{
    struct face_layer *l = layer_add(program, b, step, face_max_pool);

    if (step->window != 2 || l->in.height % 2 || l->in.width % 2 || l->in.depth != l->out.depth)
        face_build_fault(b, "a pool is of an unknown kind");
    (void)window_fits(b, l, 2, step->stride);
}

static void build_resize(struct face_program *program, struct face_build *b, const struct face_step *step)
{
    struct face_layer *l = layer_add(program, b, step, face_resize);

    if (l->in.depth != l->out.depth)
        face_build_fault(b, "a result is of another size");
    l->half_pixel = step->half_pixel;
}

/* The first may lack channels that a step before would have filled with zeros. */
static void build_add(struct face_program *program, struct face_build *b, const struct face_step *step)
{
    struct face_step turned = *step;
    bool first_is_less;
    struct face_layer *l;

    if (step->in_count != 2) {
        face_build_fault(b, "a sum has one part");
        return;
    }
    first_is_less = b->values[step->in[0]].depth < b->values[step->in[1]].depth;
    turned.in[0] = step->in[first_is_less], turned.in[1] = step->in[!first_is_less];
    l = layer_add(program, b, &turned, face_add);
    l->also = face_build_read(b, turned.in[1]);
    if (!same(l->in, l->out) || !same(face_build_shape(b, turned.in[1]), l->out))
        face_build_fault(b, "a sum has parts of different sizes");
    l->in.depth = b->values[turned.in[1]].depth;
}

/* Rows one below the other. */
static void build_concat(struct face_program *program, struct face_build *b, const struct face_step *step)
{
    struct face_layer *l = layer_add(program, b, step, face_copy);
    struct face_shape out = l->out;
    int used = l->in.width;

    for (int i = 1; i < step->in_count && !b->fault; i++) {
        struct face_call *next = &program->calls[program->call_count++];
        struct face_shape in = face_build_shape(b, step->in[i]);
        next->run = face_copy;
        next->layer = (struct face_layer){.in = in, .out = in, .from = face_build_read(b, step->in[i])};
        next->layer.to = l->to + used * out.depth;
        used += in.width;
        if (in.height != 1 || in.depth != out.depth || used > out.width)
            face_build_fault(b, "rows are joined that do not fit");
    }
    if (l->in.height != 1 || out.height != 1 || l->in.depth != out.depth || used != out.width)
        face_build_fault(b, "rows are joined that do not fit");
}

/* The step before does it; nobody else may see what that had without. */
static void build_relu(struct face_build *b, const struct face_step *step)
{
    const struct face_value *v = &b->values[step->in[0]];

    if (v->home != step->in[0] || v->readers != 1 || !v->maker ||
        !same(face_build_shape(b, step->in[0]), face_build_shape(b, step->out)))
        face_build_fault(b, "a step cannot be cut at zero");
    else if (face_build_share(b, step->out, step->in[0]))
        v->maker->relu = true;
}

static void build_reshape(struct face_build *b, const struct face_step *step)
{
    const struct face_tensor *in = &b->file->tensors[step->in[0]], *out = &b->file->tensors[step->out];

    if (in->count != out->count || b->values[step->in[0]].depth != in->shape[3])
        face_build_fault(b, "a result is of another size");
    (void)face_build_share(b, step->out, step->in[0]);
}

/* Nothing is written: a sum knows that the channels which are not there are 0. */
static void build_pad(struct face_build *b, const struct face_step *step)
{
    struct face_shape in = face_build_shape(b, step->in[0]), out = face_build_shape(b, step->out);
    const struct face_tensor *edges = &b->file->tensors[step->in[step->in_count - 1]];
    int32_t wanted[8] = {[7] = out.depth - in.depth};

    if (in.height != out.height || in.width != out.width || in.depth > out.depth || edges->type != FACE_INT ||
        edges->content.len != sizeof wanted || memcmp(edges->content.at, wanted, sizeof wanted) != 0 ||
        b->values[step->in[0]].depth != in.depth)
        face_build_fault(b, "zeros are added in an unknown way");
    else if (face_build_share(b, step->out, step->in[0]))
        b->values[step->out].depth = in.depth;
}

static void build_widen(struct face_build *b, const struct face_step *step)
{
    struct face_value *out = &b->values[step->out];

    if (out->home >= 0 || out->constant >= 0)
        face_build_fault(b, "two steps have the same result");
    out->constant = b->values[step->in[0]].constant;
}

void face_step_build(struct face_program *program, struct face_build *b, const struct face_step *step)
{
    switch (step->op) {
    case FACE_CONV: build_conv(program, b, step); break;
    case FACE_DEPTHWISE: build_depthwise(program, b, step); break;
    case FACE_ADD: build_add(program, b, step); break;
    case FACE_MAX_POOL: build_pool(program, b, step); break;
    case FACE_RESIZE: build_resize(program, b, step); break;
    case FACE_CONCAT: build_concat(program, b, step); break;
    case FACE_RELU: build_relu(b, step); break;
    case FACE_RESHAPE: build_reshape(b, step); break;
    case FACE_PAD: build_pad(b, step); break;
    case FACE_WIDEN: build_widen(b, step); break;
    default: face_build_fault(b, "a step is of an unknown kind");
    }
    face_build_step_done(b, step);
}
