#include "image/face_layers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 4, TAPS = 9 }; /* pixels that a convolution computes at a time; a 3 x 3 window */

/* Four floats in a register, on any machine; read from memory that holds floats. */
typedef float four __attribute__((vector_size(16), may_alias));

float *face_weights_pack(const float *weights, int inputs, int outputs)
{
    int blocks = (outputs + FACE_LANES - 1) / FACE_LANES;
    size_t size = (size_t)blocks * (size_t)inputs * FACE_LANES * sizeof(float);
    float *packed = aligned_alloc(FACE_LANES * sizeof(float), size);

    if (!packed)
        abort();
    memset(packed, 0, size);
    for (int o = 0; o < outputs; o++)
        for (int i = 0; i < inputs; i++)
            packed[(o / FACE_LANES * inputs + i) * FACE_LANES + o % FACE_LANES] = weights[o * inputs + i];
    return packed;
}

static four positive(four v)
{
    typedef int bits __attribute__((vector_size(16)));

    return (four)((bits)v & (bits)(v > (four){0})); /* a comparison gives all ones where it is true */
}

/* FACE_LANES outputs of ROWS pixels: what stands below each pixel's window times the weights. */
static void multiply(const float *const pixels[ROWS], int inputs, const float *weights, const float *bias,
                     float ret[ROWS][FACE_LANES])
{
    const four *w = (const four *)(const void *)weights, *b = (const four *)(const void *)bias;
    four a0 = b[0], a1 = b[1], b0 = b[0], b1 = b[1], c0 = b[0], c1 = b[1], d0 = b[0], d1 = b[1];
    const float *p0 = pixels[0], *p1 = pixels[1], *p2 = pixels[2], *p3 = pixels[3];

    for (int i = 0; i < inputs; i++, w += 2) {
        four w0 = w[0], w1 = w[1];
        a0 += p0[i] * w0, a1 += p0[i] * w1;
        b0 += p1[i] * w0, b1 += p1[i] * w1;
        c0 += p2[i] * w0, c1 += p2[i] * w1;
        d0 += p3[i] * w0, d1 += p3[i] * w1;
    }
    memcpy(ret, (four[]){a0, a1, b0, b1, c0, c1, d0, d1}, sizeof(float[ROWS][FACE_LANES]));
}

static void put(float *to, const float *sums, int count, bool relu)
{
    for (int i = 0; i < count; i++)
        to[i] = relu && sums[i] < 0 ? 0 : sums[i];
}

/* All outputs of ROWS pixels, of which those from `real` on are repetitions. */
static void conv_rows(const struct face_layer *l, const float *const pixels[ROWS], int inputs, float *to, int real)
{
    float sums[ROWS][FACE_LANES];
    int depth = l->out.depth;

    for (int o = 0; o < depth; o += FACE_LANES) {
        multiply(pixels, inputs, l->weights + o * inputs, l->bias + o, sums);
        for (int r = 0; r < real; r++)
            put(to + r * depth + o, sums[r], depth - o < FACE_LANES ? depth - o : FACE_LANES, l->relu);
    }
}

/* Copies what stands below the window of the pixel; 0 outside the picture. */
static void gather(const struct face_layer *l, int pixel, float *to)
{
    int top = pixel / l->out.width * l->stride - l->pad_top, left = pixel % l->out.width * l->stride - l->pad_left;
    int depth = l->in.depth;

    for (int y = top; y < top + l->window; y++)
        for (int x = left; x < left + l->window; x++, to += depth)
            if (y < 0 || y >= l->in.height || x < 0 || x >= l->in.width)
                memset(to, 0, (size_t)depth * sizeof *to);
            else
                memcpy(to, l->from + (y * l->in.width + x) * depth, (size_t)depth * sizeof *to);
}

void face_conv(const struct face_layer *l)
{
    int count = l->out.height * l->out.width, inputs = l->window * l->window * l->in.depth;
    float patches[ROWS][FACE_PATCH_MAX];

    for (int first = 0; first < count; first += ROWS) {
        int real = count - first < ROWS ? count - first : ROWS;
        const float *pixels[ROWS];
        for (int r = 0; r < ROWS; r++) {
            int pixel = first + (r < real ? r : 0);
            pixels[r] = l->window > 1 ? patches[r] : l->from + pixel * inputs;
            if (l->window > 1)
                gather(l, pixel, patches[r]);
        }
        conv_rows(l, pixels, inputs, l->to + first * l->out.depth, real);
    }
}

static four load(const float *at)
{
    four v;

    memcpy(&v, at, sizeof v);
    return v;
}

/* One pixel: the nine values of each channel, weighted. */
static void nine(const float *const taps[TAPS], const float *weights, const float *bias, int depth, float *to)
{
    int c = 0;

    for (; c + 4 <= depth; c += 4) {
        four sum = load(bias + c);
        for (int t = 0; t < TAPS; t++)
            sum += load(taps[t] + c) * load(weights + t * depth + c);
        memcpy(to + c, &sum, sizeof sum);
    }
    for (; c < depth; c++) {
        to[c] = bias[c];
        for (int t = 0; t < TAPS; t++)
            to[c] += taps[t][c] * weights[t * depth + c];
    }
}

void face_depthwise(const struct face_layer *l)
{
    static const float nothing[FACE_DEPTH_MAX];
    const float *taps[TAPS];
    float *to = l->to;
    int depth = l->in.depth;

    for (int y = -l->pad_top; y < l->out.height * l->stride - l->pad_top; y += l->stride)
        for (int x = -l->pad_left; x < l->out.width * l->stride - l->pad_left; x += l->stride, to += depth) {
            for (int t = 0; t < TAPS; t++) {
                int row = y + t / 3, column = x + t % 3;
                bool inside = row >= 0 && row < l->in.height && column >= 0 && column < l->in.width;
                taps[t] = inside ? l->from + (row * l->in.width + column) * depth : nothing;
            }
            nine(taps, l->weights, l->bias, depth, to);
        }
}

static void add_pixel(const float *a, const float *b, int both, int depth, bool relu, float *to)
{
    int c = 0;

    for (; c + 4 <= both; c += 4) {
        four sum = load(a + c) + load(b + c);
        sum = relu ? positive(sum) : sum;
        memcpy(to + c, &sum, sizeof sum);
    }
    for (; c < depth; c++) {
        float sum = c < both ? a[c] + b[c] : a[c];
        to[c] = relu && sum < 0 ? 0 : sum;
    }
}

void face_add(const struct face_layer *l)
{
    int both = l->in.depth, depth = l->out.depth, count = l->out.height * l->out.width;

    for (int i = 0; i < count; i++)
        add_pixel(l->from + i * depth, l->also + i * both, both, depth, l->relu, l->to + i * depth);
}

static float larger(float a, float b) { return a > b ? a : b; }

void face_max_pool(const struct face_layer *l)
{
    int depth = l->in.depth, row = l->in.width * depth;
    float *to = l->to;

    for (int y = 0; y < l->out.height; y++)
        for (int x = 0; x < l->out.width; x++) {
            const float *from = l->from + 2 * y * row + 2 * x * depth;
            for (int c = 0; c < depth; c++)
                *to++ = larger(larger(from[c], from[c + depth]), larger(from[c + row], from[c + row + depth]));
        }
}

/* Where a sample of the enlarged side is taken on the other: between pixels first and second, that much nearer to the
   second. */
struct sample {
    int first, second;
    float nearness;
};

static struct sample sample_at(int place, int from, int to, bool half_pixel)
{
    float scale = (float)from / (float)to, shift = half_pixel ? 0.5f : 0;
    float at = ((float)place + shift) * scale - shift;
    int first = at > 0 ? (int)at : 0;

    first = first < from ? first : from - 1;
    return (struct sample){first, first + 1 < from ? first + 1 : first, at > 0 ? at - (float)first : 0};
}

void face_resize(const struct face_layer *l)
{
    int depth = l->in.depth, width = l->in.width;
    float *to = l->to;

    for (int y = 0; y < l->out.height; y++) {
        struct sample v = sample_at(y, l->in.height, l->out.height, l->half_pixel);
        for (int x = 0; x < l->out.width; x++) {
            struct sample h = sample_at(x, width, l->out.width, l->half_pixel);
            const float *a = l->from + (v.first * width + h.first) * depth;
            const float *b = l->from + (v.first * width + h.second) * depth;
            const float *c = l->from + (v.second * width + h.first) * depth;
            const float *d = l->from + (v.second * width + h.second) * depth;
            for (int i = 0; i < depth; i++) {
                float above = a[i] + (b[i] - a[i]) * h.nearness, below = c[i] + (d[i] - c[i]) * h.nearness;
                *to++ = above + (below - above) * v.nearness;
            }
        }
    }
}

void face_copy(const struct face_layer *l)
{
    memcpy(l->to, l->from, (size_t)l->in.height * (size_t)l->in.width * (size_t)l->in.depth * sizeof *l->to);
}

float face_widen(unsigned half)
{
    uint32_t sign = (half & 0x8000u) << 16, exponent = half >> 10 & 31, digits = half & 1023, bits;
    float ret;

    if (exponent == 0) { /* zero, or below the smallest normal number: digits * 2^-24 */
        ret = (float)digits * 0x1p-24f;
        return sign ? -ret : ret;
    }
    bits = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | digits << 13;
    memcpy(&ret, &bits, sizeof ret);
    return ret;
}
