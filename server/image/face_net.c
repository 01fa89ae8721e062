#include "image/face_net.h"

#include <stdlib.h>

#include "image/face_step.h"

struct face_net {
    struct face_program program;
    int side;
    float *input;
    const float *boxes, *scores;
};

/* Does the file look for faces: from a square of colours to so many numbers a cell? */
static bool is_ours(const struct face_file *file)
{
    const struct face_tensor *in = &file->tensors[file->input];
    const struct face_tensor *boxes = &file->tensors[file->boxes], *scores = &file->tensors[file->scores];

    return in->shape[0] == 1 && in->shape[1] == in->shape[2] && in->shape[3] == 3 && scores->shape[3] == 1 &&
           boxes->shape[3] == FACE_BOX_NUMBERS && boxes->count == scores->count * FACE_BOX_NUMBERS;
}

static const float *answer(struct face_build *b, int tensor)
{
    if (b->values[tensor].depth != b->file->tensors[tensor].shape[3])
        face_build_fault(b, "its answer is not whole");
    return face_build_read(b, tensor);
}

static bool build(struct face_net *net, const struct face_file *file, struct err *reterr)
{
    struct face_build *b = malloc(sizeof *b);
    const char *fault;

    if (!b)
        abort();
    face_build_start(b, file, &net->program.places);
    net->side = file->tensors[file->input].shape[1];
    net->input = face_build_write(b, file->input, NULL);
    for (int i = 0; i < file->step_count && !b->fault; i++)
        face_step_build(&net->program, b, &file->steps[i]);
    net->boxes = answer(b, file->boxes);
    net->scores = answer(b, file->scores);
    fault = is_ours(file) ? b->fault : "it does not look for faces";
    free(b);
    return !fault || err_set(reterr, ERR_INTERNAL, "face_model", "%s", fault);
}

struct face_net *face_net_open(struct text model, struct err *reterr)
{
    struct face_file file;
    struct face_net *net;
    bool built;

    if (!face_file_read(model, &file, reterr))
        return NULL;
    net = calloc(1, sizeof *net);
    if (!net)
        abort();
    built = build(net, &file, reterr);
    face_file_done(&file);
    if (built)
        return net;
    face_net_close(net);
    return NULL;
}

void face_net_close(struct face_net *net)
{
    if (!net)
        return;
    for (int i = 0; i < net->program.call_count; i++) {
        free(net->program.calls[i].layer.weights);
        free(net->program.calls[i].layer.bias);
    }
    face_places_done(&net->program.places);
    free(net);
}

int face_net_side(const struct face_net *net) { return net->side; }
float *face_net_input(struct face_net *net) { return net->input; }
const float *face_net_boxes(const struct face_net *net) { return net->boxes; }
const float *face_net_scores(const struct face_net *net) { return net->scores; }

void face_net_run(struct face_net *net)
{
    for (int i = 0; i < net->program.call_count; i++)
        net->program.calls[i].run(&net->program.calls[i].layer);
}
