#include "image/face_build.h"

#include <stdlib.h>
#include <string.h>

bool face_build_fault(struct face_build *b, const char *why)
{
    if (!b->fault)
        b->fault = why;
    return false;
}

void face_build_start(struct face_build *b, const struct face_file *file, struct face_places *places)
{
    *b = (struct face_build){.file = file, .places = places};
    for (int i = 0; i < file->tensor_count; i++)
        b->values[i] = (struct face_value){
            .constant = file->tensors[i].content.len ? i : -1, .home = -1, .depth = file->tensors[i].shape[3]};
    for (int i = 0; i < file->step_count; i++)
        for (int k = 0; k < file->steps[i].in_count; k++)
            b->values[file->steps[i].in[k]].readers++;
    b->values[file->input].readers++;
    b->values[file->boxes].readers++;
    b->values[file->scores].readers++;
}

struct face_shape face_build_shape(const struct face_build *b, int tensor)
{
    const int *shape = b->file->tensors[tensor].shape;

    return (struct face_shape){shape[0] * shape[1], shape[2], shape[3]};
}

float *face_build_read(struct face_build *b, int tensor)
{
    int home = b->values[tensor].home;

    if (home >= 0)
        return b->places->at[b->values[home].place];
    face_build_fault(b, "a step uses what is not computed yet");
    return NULL;
}

/* The smallest free place that is large enough, or a new one; -1: there are too many. */
static int place_for(struct face_build *b, int size)
{
    struct face_places *p = b->places;
    int best = -1;

    for (int i = 0; i < p->count; i++)
        if (!b->taken[i] && p->size[i] >= size && (best < 0 || p->size[i] < p->size[best]))
            best = i;
    if (best >= 0 || p->count == FACE_PLACES)
        return best;
    p->at[p->count] = calloc((size_t)size, sizeof(float));
    if (!p->at[p->count])
        abort();
    p->size[p->count] = size;
    return p->count++;
}

float *face_build_write(struct face_build *b, int tensor, struct face_layer *maker)
{
    struct face_value *v = &b->values[tensor];
    int place = place_for(b, b->file->tensors[tensor].count);

    if (v->home >= 0 || v->constant >= 0 || place < 0) {
        face_build_fault(b, place < 0 ? "it needs too much memory" : "two steps have the same result");
        return NULL;
    }
    b->taken[place] = true;
    v->home = tensor, v->place = place, v->maker = maker;
    return b->places->at[place];
}

bool face_build_share(struct face_build *b, int tensor, int with)
{
    struct face_value *v = &b->values[tensor];
    int home = b->values[with].home;

    if (home < 0 || v->home >= 0 || v->constant >= 0)
        return face_build_fault(b, "two steps have the same result");
    v->home = home;
    b->values[home].readers += v->readers;
    return true;
}

void face_build_step_done(struct face_build *b, const struct face_step *step)
{
    for (int i = 0; i < step->in_count; i++) {
        int home = b->values[step->in[i]].home;
        if (home >= 0 && --b->values[home].readers == 0)
            b->taken[b->values[home].place] = false;
    }
}

static float constant_at(const struct face_tensor *t, int index)
{
    const unsigned char *bytes = (const unsigned char *)t->content.at;
    float value;

    if (t->type == FACE_HALF)
        return face_widen(bytes[2 * index] | (unsigned)bytes[2 * index + 1] << 8);
    memcpy(&value, bytes + 4 * index, sizeof value);
    return value;
}

float *face_build_constants(struct face_build *b, int tensor, int count)
{
    int source = b->values[tensor].constant;
    const struct face_tensor *t = source >= 0 ? &b->file->tensors[source] : NULL;
    float *ret;

    if (!t || t->type == FACE_INT || t->count != count) {
        face_build_fault(b, "a step lacks its weights");
        return NULL;
    }
    ret = malloc((size_t)count * sizeof *ret);
    if (!ret)
        abort();
    for (int i = 0; i < count; i++)
        ret[i] = constant_at(t, i);
    return ret;
}

void face_places_done(struct face_places *places)
{
    for (int i = 0; i < places->count; i++)
        free(places->at[i]);
    *places = (struct face_places){0};
}
