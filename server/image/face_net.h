#pragma once
/* One of BlazeFace's nets, ready to run: from a square picture to one row of numbers a cell. Belongs to one thread; all
   memory is taken when it is opened. */
#include "base/err.h"
#include "base/text.h"

enum { FACE_BOX_NUMBERS = 16 }; /* a cell: centre, size, and six points of the face; in pixels of the square */

struct face_net;

/* model: a TFLite file, not needed afterwards. NULL: ERR_INTERNAL, face_model. */
struct face_net *face_net_open(struct text model, struct err *reterr);
void face_net_close(struct face_net *net); /* NULL is fine */

int face_net_side(const struct face_net *net); /* of the square that it looks at, in pixels */
float *face_net_input(struct face_net *net);   /* side * side * 3: R, G, B in -1..1 */

void face_net_run(struct face_net *net);
const float *face_net_boxes(const struct face_net *net);  /* FACE_BOX_NUMBERS a row of its grids, as of the last run */
const float *face_net_scores(const struct face_net *net); /* one a row, before the logistic function */
