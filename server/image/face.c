#include "image/face.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "image/face_boxes.h"
#include "image/face_net.h"

enum { MODEL_MAX = 4 << 20, MODELS = 2 };

/* Full range sees small faces, short range a face that fills the picture. Scores that count were chosen on photos with
   and without faces (tests/faces): what one of them finds is taken. */
static const struct model {
    const char *name, *sha256;
    struct face_grid grids[2];
    float least;
} KNOWN[MODELS] = {
    {"face_detection_full_range.tflite",
     "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
     {{48, 1}},
     0.6f},
    {"face_detection_short_range.tflite",
     "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
     {{16, 2}, {8, 6}},
     0.8f},
};

struct face_finder {
    struct face_net *nets[MODELS];
};

static bool is_known(const struct model *model, const struct buf *file)
{
    unsigned char sum[SHA256_BYTES], known[SHA256_BYTES];

    crypto_sha256((struct text){file->bytes, file->len}, sum);
    return hex_read(text_of(model->sha256), known, sizeof known) && memcmp(sum, known, sizeof known) == 0;
}

static struct face_net *open_model(const char *dir, const struct model *model, struct err *reterr)
{
    CLEANUP(buf_done) struct buf file = buf_make(MODEL_MAX);
    struct err why;

    if (!file_read(dir, model->name, &file, &why)) {
        err_set(reterr, ERR_INTERNAL, "face_model", "%s", why.detail);
        return NULL;
    }
    if (!is_known(model, &file)) {
        err_set(reterr, ERR_INTERNAL, "face_model", "%s/%s is not the known one", dir, model->name);
        return NULL;
    }
    return face_net_open((struct text){file.bytes, file.len}, reterr);
}

struct face_finder *face_finder_open(const char *dir, struct err *reterr)
{
    struct face_finder *finder = calloc(1, sizeof *finder);

    if (!finder)
        abort();
    for (int i = 0; i < MODELS; i++) {
        finder->nets[i] = open_model(dir, &KNOWN[i], reterr);
        if (!finder->nets[i]) {
            face_finder_close(finder);
            return NULL;
        }
    }
    return finder;
}

void face_finder_close(struct face_finder *finder)
{
    if (!finder)
        return;
    for (int i = 0; i < MODELS; i++)
        face_net_close(finder->nets[i]);
    free(finder);
}

static void ask(struct face_net *net, const struct model *model, int width, int height, const unsigned char *rgb,
                struct face *found, int *count)
{
    struct face_square square = face_square_of(width, height);
    struct face_answer answer = {.side = face_net_side(net),
                                 .grids = {model->grids[0], model->grids[1]},
                                 .boxes = face_net_boxes(net),
                                 .scores = face_net_scores(net),
                                 .least = model->least};

    face_square_draw(square, width, height, rgb, face_net_side(net), face_net_input(net));
    face_net_run(net);
    face_boxes_read(&answer, square, found, count);
}

/* From pixels to shares of the picture, without what lies outside. */
static struct face share_of(const struct face *face, float width, float height)
{
    float left = fmaxf(face->left, 0), right = fminf(face->left + face->width, width);
    float top = fmaxf(face->top, 0), bottom = fminf(face->top + face->height, height);

    return (struct face){left / width, top / height, (right - left) / width, (bottom - top) / height, face->score};
}

int face_find(struct face_finder *finder, int width, int height, const unsigned char *rgb, struct face ret[FACE_MAX])
{
    struct face found[FACE_FOUND_MAX], chosen[FACE_MAX];
    int count = 0, seen = 0;

    for (int i = 0; i < MODELS; i++)
        ask(finder->nets[i], &KNOWN[i], width, height, rgb, found, &count);
    count = face_boxes_choose(found, count, FACE_MAX, chosen);
    for (int i = 0; i < count; i++) {
        ret[seen] = share_of(&chosen[i], (float)width, (float)height);
        seen += ret[seen].width > 0 && ret[seen].height > 0; /* a box may lie beside the picture */
    }
    return seen;
}
