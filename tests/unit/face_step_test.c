#include "image/face_step.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* Nets of a step or two, by hand: tensor 0 is computed already, 1 and 2 are weights and bias, 3 is the step's result.
 */
enum { FROM, WEIGHTS, BIAS, TO, NEXT, TENSORS };

static char zeros[65536];

struct net {
    struct face_tensor tensors[TENSORS];
    struct face_step steps[2];
    struct face_file file;
};

static struct face_tensor tensor(int rows, int columns, int depth)
{
    return (struct face_tensor){.shape = {1, rows, columns, depth}, .count = rows * columns * depth};
}

static struct face_tensor constant(int outputs, int rows, int columns, int depth)
{
    int count = outputs * rows * columns * depth;

    return (struct face_tensor){
        .shape = {outputs, rows, columns, depth}, .count = count, .content = {zeros, 4 * (size_t)count}};
}

static const char *fault_of(struct net *net, int steps)
{
    struct face_program *program = calloc(1, sizeof *program);
    struct face_build *b = calloc(1, sizeof *b);
    const char *fault;

    assert_non_null(program);
    assert_non_null(b);
    net->file =
        (struct face_file){net->tensors, TENSORS, net->steps, steps, FROM, net->steps[steps - 1].out, TENSORS - 1};
    face_build_start(b, &net->file, &program->places);
    assert_non_null(face_build_write(b, FROM, NULL));
    for (int i = 0; i < steps && !b->fault; i++)
        face_step_build(program, b, &net->steps[i]);
    for (int i = 0; i < program->call_count; i++) {
        if (!b->fault) /* what is built can be run: the sanitizers watch */
            program->calls[i].run(&program->calls[i].layer);
        free(program->calls[i].layer.weights);
        free(program->calls[i].layer.bias);
    }
    face_places_done(&program->places);
    fault = b->fault;
    free(program);
    free(b);
    return fault;
}

static struct net conv_net(void)
{
    return (struct net){
        .tensors = {tensor(8, 8, 3), constant(4, 3, 3, 3), constant(1, 1, 1, 4), tensor(4, 4, 4), tensor(4, 4, 4)},
        .steps = {{.op = FACE_CONV, .in = {FROM, WEIGHTS, BIAS}, .in_count = 3, .out = TO, .stride = 2},
                  {.op = FACE_RELU, .in = {TO}, .in_count = 1, .out = NEXT}}};
}

static void assert_fault(struct net net, int steps) { assert_non_null(fault_of(&net, steps)); }

static void builds_a_convolution_that_fits(void **state)
{
    struct net net = conv_net();

    (void)state;
    assert_null(fault_of(&net, 1));
    net = conv_net(), net.tensors[TO] = tensor(4, 3, 4), assert_fault(net, 1);
    net = conv_net(), net.tensors[TO] = tensor(5, 4, 4), assert_fault(net, 1);
    net = conv_net(), net.tensors[TO] = tensor(4, 4, 5), assert_fault(net, 1);
    net = conv_net(), net.tensors[WEIGHTS] = constant(4, 3, 2, 3), assert_fault(net, 1);
    net = conv_net(), net.tensors[WEIGHTS] = constant(4, 7, 7, 3), assert_fault(net, 1);
    net = conv_net(), net.tensors[WEIGHTS] = constant(3, 3, 3, 3), assert_fault(net, 1);
    net = conv_net(), net.tensors[BIAS] = constant(1, 1, 1, 3), assert_fault(net, 1);
    net = conv_net(), net.tensors[BIAS].type = FACE_INT, assert_fault(net, 1);
    net = conv_net(), net.tensors[BIAS].content.len = 0, assert_fault(net, 1);
    net = conv_net(), net.steps[0].in_count = 2, assert_fault(net, 1);
    net = conv_net(), net.steps[0].in[0] = NEXT, assert_fault(net, 1); /* nobody has computed it */
    net = conv_net(), net.steps[0].out = FROM, assert_fault(net, 1);
    net = conv_net(), net.steps[0].op = (enum face_op)99, assert_fault(net, 1);
}

static void a_convolution_has_limits(void **state)
{
    struct net net = conv_net();

    (void)state; /* more channels than a layer takes, and more below a window than it gathers */
    net.tensors[FROM] = tensor(1, 1, 2048), net.tensors[TO] = tensor(1, 1, 4), net.steps[0].stride = 1;
    net.tensors[WEIGHTS] = constant(4, 1, 1, 2048);
    assert_fault(net, 1);
    net.tensors[FROM] = tensor(1, 1, 16), net.tensors[WEIGHTS] = constant(4, 3, 3, 16);
    assert_fault(net, 1);
    net.tensors[FROM] = tensor(8, 8, 3), net.tensors[TO] = tensor(4, 4, 4), net.steps[0].stride = 2;
    net.tensors[WEIGHTS] = constant(4, 1, 1, 3);
    assert_fault(net, 1);
}

static void builds_a_depthwise_convolution_that_fits(void **state)
{
    struct net net = conv_net();

    (void)state;
    net.tensors[WEIGHTS] = constant(1, 3, 3, 3), net.tensors[BIAS] = constant(1, 1, 1, 3);
    net.tensors[TO] = tensor(4, 4, 3), net.steps[0].op = FACE_DEPTHWISE;
    assert_null(fault_of(&net, 1));
    net.tensors[TO] = tensor(4, 4, 4), assert_fault(net, 1);
    net.tensors[TO] = tensor(4, 4, 3), net.tensors[WEIGHTS] = constant(1, 5, 5, 3), assert_fault(net, 1);
}

static void cuts_at_zero_only_what_nobody_else_reads(void **state)
{
    struct net net = conv_net();

    (void)state;
    assert_null(fault_of(&net, 2));
    net.steps[1].in_count = 2, net.steps[1].in[1] = TO;
    assert_fault(net, 2); /* somebody else wants to know what was negative */
    net.steps[1].in_count = 1, net.steps[1].in[0] = FROM;
    assert_fault(net, 2); /* no step has computed it that could do it */
}

static struct net two_parts(enum face_op op)
{
    return (struct net){.tensors = {tensor(4, 4, 6), {{0}}, {{0}}, tensor(4, 4, 6), tensor(4, 4, 6)},
                        .steps = {{.op = op, .in = {FROM, FROM}, .in_count = 2, .out = TO, .stride = 2, .window = 2}}};
}

static void adds_parts_of_the_same_size(void **state)
{
    struct net net = two_parts(FACE_ADD);

    (void)state;
    assert_null(fault_of(&net, 1));
    net.steps[0].in_count = 1, assert_fault(net, 1);
    net = two_parts(FACE_ADD), net.tensors[TO] = tensor(4, 4, 5), assert_fault(net, 1);
    net = two_parts(FACE_ADD), net.tensors[TO] = tensor(3, 4, 6), assert_fault(net, 1);
}

static void pools_and_enlarges_what_fits(void **state)
{
    struct net net = two_parts(FACE_MAX_POOL);

    (void)state;
    net.tensors[TO] = tensor(2, 2, 6), assert_null(fault_of(&net, 1));
    net.tensors[TO] = tensor(2, 3, 6), assert_fault(net, 1);
    net.tensors[TO] = tensor(2, 2, 7), assert_fault(net, 1);
    net.tensors[FROM] = tensor(3, 4, 6), net.tensors[TO] = tensor(2, 2, 6), assert_fault(net, 1);
    net = two_parts(FACE_RESIZE), net.tensors[TO] = tensor(9, 7, 6), assert_null(fault_of(&net, 1));
    net.tensors[TO] = tensor(9, 7, 8), assert_fault(net, 1);
}

static void joins_and_reshapes_what_fits(void **state)
{
    struct net net = two_parts(FACE_CONCAT);

    (void)state;
    net.tensors[FROM] = tensor(1, 5, 2), net.tensors[TO] = tensor(1, 10, 2), assert_null(fault_of(&net, 1));
    net.tensors[TO] = tensor(1, 9, 2), assert_fault(net, 1);
    net.tensors[TO] = tensor(1, 11, 2), assert_fault(net, 1);
    net.tensors[TO] = tensor(1, 10, 1), assert_fault(net, 1);
    net = two_parts(FACE_RESHAPE), net.tensors[TO] = tensor(1, 32, 3), assert_null(fault_of(&net, 1));
    net.tensors[TO] = tensor(1, 32, 4), assert_fault(net, 1);
}

static void adds_zeros_only_behind_the_channels(void **state)
{
    static int32_t edges[8];
    struct net net = {.tensors = {tensor(4, 4, 6),
                                  {.shape = {1, 1, 4, 2}, .count = 8, .type = FACE_INT},
                                  {{0}},
                                  tensor(4, 4, 9),
                                  tensor(4, 4, 9)},
                      .steps = {{.op = FACE_PAD, .in = {FROM, WEIGHTS}, .in_count = 2, .out = TO},
                                {.op = FACE_ADD, .in = {TO, TO}, .in_count = 2, .out = NEXT}}};

    (void)state;
    net.tensors[WEIGHTS].content = (struct text){(const char *)edges, sizeof edges};
    edges[7] = 3;
    assert_null(fault_of(&net, 1));
    assert_fault(net, 2); /* a sum of nothing but such parts */
    edges[7] = 2, assert_fault(net, 1);
    edges[7] = 3, edges[2] = 1, assert_fault(net, 1);
    edges[2] = 0, net.tensors[TO] = tensor(5, 4, 9), assert_fault(net, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_a_convolution_that_fits),
        cmocka_unit_test(a_convolution_has_limits),
        cmocka_unit_test(builds_a_depthwise_convolution_that_fits),
        cmocka_unit_test(cuts_at_zero_only_what_nobody_else_reads),
        cmocka_unit_test(adds_parts_of_the_same_size),
        cmocka_unit_test(pools_and_enlarges_what_fits),
        cmocka_unit_test(joins_and_reshapes_what_fits),
        cmocka_unit_test(adds_zeros_only_behind_the_channels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
