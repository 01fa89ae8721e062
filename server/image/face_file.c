#include "image/face_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Reads that would leave the file give 0 and are remembered: whoever used them finds out at the end. */
struct reader {
    struct text bytes;
    const char *fault; /* the first one */
};

static size_t bad(struct reader *r, const char *why)
{
    if (!r->fault)
        r->fault = why;
    return 0;
}

static uint32_t number(struct reader *r, size_t at, size_t width)
{
    uint32_t value = 0;

    if (r->bytes.len < width || at > r->bytes.len - width)
        return (uint32_t)bad(r, "it is cut short");
    for (size_t i = 0; i < width; i++)
        value |= (uint32_t)(unsigned char)r->bytes.at[at + i] << 8 * i;
    return value;
}

static size_t follow(struct reader *r, size_t at) { return at ? at + number(r, at, 4) : bad(r, "a part is missing"); }

/* Where the field of a table stands; 0: it has its default. */
static size_t field(struct reader *r, size_t table, size_t index)
{
    int64_t list = (int64_t)table - (int32_t)number(r, table, 4);
    size_t place = 4 + 2 * index, offset;

    if (list <= 0 || list > (int64_t)r->bytes.len)
        return bad(r, "a table has no fields");
    if (place >= number(r, (size_t)list, 2))
        return 0;
    offset = number(r, (size_t)list + place, 2);
    return offset ? table + offset : 0;
}

static uint32_t field_number(struct reader *r, size_t table, size_t index, size_t width)
{
    size_t at = field(r, table, index);

    return at ? number(r, at, width) : 0;
}

struct vector {
    size_t at; /* of the first element */
    uint32_t count;
};

static struct vector field_vector(struct reader *r, size_t table, size_t index, size_t width, uint32_t max)
{
    size_t at = field(r, table, index), start = at ? follow(r, at) : 0;
    struct vector ret = {start + 4, start ? number(r, start, 4) : 0};

    if (ret.count <= max && (ret.count == 0 || ret.at + ret.count * width <= r->bytes.len))
        return ret;
    bad(r, "a list is too long");
    return (struct vector){0};
}

static size_t table_in(struct reader *r, struct vector list, uint32_t index)
{
    return index < list.count ? follow(r, list.at + 4 * (size_t)index) : bad(r, "an index leads nowhere");
}

static struct text content_of(struct reader *r, size_t buffer)
{
    struct vector bytes = field_vector(r, buffer, 0, 1, UINT32_MAX);

    return bytes.count ? (struct text){r->bytes.at + bytes.at, bytes.count} : (struct text){0};
}

static void read_shape(struct reader *r, size_t table, struct face_tensor *ret)
{
    struct vector shape = field_vector(r, table, 0, 4, 4);
    size_t front = 4 - shape.count;

    ret->count = 1;
    for (size_t i = 0; i < 4; i++) {
        uint32_t side = i < front ? 1 : number(r, shape.at + 4 * (i - front), 4);
        if (side == 0 || side > (uint32_t)(FACE_FILE_VALUES / ret->count)) {
            bad(r, "a tensor is too large");
            return;
        }
        ret->shape[i] = (int)side;
        ret->count *= (int)side;
    }
}

static void read_tensor(struct reader *r, size_t table, struct vector buffers, struct face_tensor *ret)
{
    enum { SHAPE, TYPE, BUFFER, SPARSITY = 6 };
    uint32_t type = field_number(r, table, TYPE, 1);
    size_t width = type == FACE_HALF ? 2 : 4;

    read_shape(r, table, ret);
    if (type > FACE_INT || field(r, table, SPARSITY))
        bad(r, "a tensor is of an unknown kind");
    ret->type = (enum face_type)type;
    ret->content = content_of(r, table_in(r, buffers, field_number(r, table, BUFFER, 4)));
    if (ret->content.len && ret->content.len != (size_t)ret->count * width)
        bad(r, "a tensor has more or less values than its shape");
}

static int tensor_index(struct reader *r, const struct face_file *file, struct vector list, uint32_t index)
{
    uint32_t tensor = index < list.count ? number(r, list.at + 4 * (size_t)index, 4) : UINT32_MAX;

    return tensor < (uint32_t)file->tensor_count ? (int)tensor : (int)bad(r, "an index leads nowhere");
}

/* Options that these models do not use are refused: nothing may be computed in another way than it was trained. Whether
   edges are filled is not asked: where out = in / stride holds, both ways mean the same for these windows. */
static void read_moves(struct reader *r, size_t options, struct face_step *ret)
{
    enum { STRIDE_X = 1, STRIDE_Y, WINDOW_X, WINDOW_Y, CONV_ACTIVATION = 3, DEPTHWISE_ACTIVATION, POOL_ACTIVATION };
    bool pool = ret->op == FACE_MAX_POOL;
    size_t activation = pool ? POOL_ACTIVATION : ret->op == FACE_CONV ? CONV_ACTIVATION : DEPTHWISE_ACTIVATION;
    uint32_t stride = field_number(r, options, STRIDE_X, 4), window = pool ? field_number(r, options, WINDOW_X, 4) : 0;

    if (stride < 1 || stride > 2 || field_number(r, options, STRIDE_Y, 4) != stride)
        bad(r, "a step moves in an unknown way");
    if (pool && (window != stride || field_number(r, options, WINDOW_Y, 4) != window))
        bad(r, "a pool has an unknown window");
    if (field_number(r, options, activation, 1))
        bad(r, "a step has an activation of its own");
    if (!pool && (field(r, options, activation + 1) || field(r, options, activation + 2)))
        bad(r, "a convolution has holes");
    ret->stride = (int)stride;
    ret->window = (int)window;
}

static void read_options(struct reader *r, size_t table, struct face_step *ret)
{
    enum { OPTIONS = 4, ADD_ACTIVATION = 0, CONCAT_ACTIVATION, CORNERS, HALF_PIXEL };
    size_t at = field(r, table, OPTIONS), options = at ? follow(r, at) : 0;

    if (ret->op == FACE_CONV || ret->op == FACE_DEPTHWISE || ret->op == FACE_MAX_POOL)
        read_moves(r, options, ret);
    if (!options)
        return;
    if (ret->op == FACE_RESIZE) {
        ret->half_pixel = field_number(r, options, HALF_PIXEL, 1);
        if (field_number(r, options, CORNERS, 1))
            bad(r, "a step aligns corners");
    }
    if ((ret->op == FACE_ADD && field_number(r, options, ADD_ACTIVATION, 1)) ||
        (ret->op == FACE_CONCAT && field_number(r, options, CONCAT_ACTIVATION, 1)))
        bad(r, "a step has an activation of its own");
}

static void read_step(struct reader *r, size_t table, struct vector codes, const struct face_file *file,
                      struct face_step *ret)
{
    enum { CODE, INPUTS, OUTPUTS };
    size_t code = table_in(r, codes, field_number(r, table, CODE, 4));
    uint32_t old = field_number(r, code, 0, 1),
             now = field_number(r, code, 3, 4); /* old: files of schema 3 before 3a */
    struct vector in = field_vector(r, table, INPUTS, 4, FACE_FILE_INPUTS);
    struct vector out = field_vector(r, table, OUTPUTS, 4, 1);

    ret->op = (enum face_op)(now > old ? now : old);
    ret->in_count = (int)in.count;
    for (uint32_t i = 0; i < in.count; i++)
        ret->in[i] = tensor_index(r, file, in, i);
    ret->out = tensor_index(r, file, out, 0);
    if (in.count == 0)
        bad(r, "a step has no input");
    read_options(r, table, ret);
}

static void read_tensors(struct reader *r, size_t model, size_t graph, struct face_file *ret)
{
    struct vector tensors = field_vector(r, graph, 0, 4, FACE_FILE_TENSORS);
    struct vector buffers = field_vector(r, model, 4, 4, FACE_FILE_TENSORS);

    ret->tensors = calloc(tensors.count + 1, sizeof *ret->tensors);
    if (!ret->tensors)
        abort();
    ret->tensor_count = (int)tensors.count;
    for (uint32_t i = 0; i < tensors.count && !r->fault; i++)
        read_tensor(r, table_in(r, tensors, i), buffers, &ret->tensors[i]);
}

static void read_steps(struct reader *r, size_t model, size_t graph, struct face_file *ret)
{
    struct vector steps = field_vector(r, graph, 3, 4, FACE_FILE_STEPS);
    struct vector codes = field_vector(r, model, 1, 4, FACE_FILE_STEPS);

    ret->steps = calloc(steps.count + 1, sizeof *ret->steps);
    if (!ret->steps)
        abort();
    ret->step_count = (int)steps.count;
    for (uint32_t i = 0; i < steps.count && !r->fault; i++)
        read_step(r, table_in(r, steps, i), codes, ret, &ret->steps[i]);
}

/* The file begins with the distance to its root table and the mark "TFL3". */
static size_t root_of(struct reader *r)
{
    struct text t = r->bytes;

    if (t.len < 8 || memcmp(t.at + 4, "TFL3", 4) != 0)
        return bad(r, "it is no TFLite file");
    return number(r, 0, 4);
}

bool face_file_read(struct text bytes, struct face_file *ret, struct err *reterr)
{
    struct reader r = {bytes, NULL};
    size_t model = root_of(&r), graph = table_in(&r, field_vector(&r, model, 2, 4, 1), 0);
    struct vector in = field_vector(&r, graph, 1, 4, 1), out = field_vector(&r, graph, 2, 4, 2);

    *ret = (struct face_file){0};
    read_tensors(&r, model, graph, ret);
    read_steps(&r, model, graph, ret);
    ret->input = tensor_index(&r, ret, in, 0);
    ret->boxes = tensor_index(&r, ret, out, 0);
    ret->scores = tensor_index(&r, ret, out, 1);
    if (!r.fault)
        return true;
    face_file_done(ret);
    return err_set(reterr, ERR_INTERNAL, "face_model", "%s", r.fault);
}

void face_file_done(struct face_file *file)
{
    free(file->tensors);
    free(file->steps);
    *file = (struct face_file){0};
}
