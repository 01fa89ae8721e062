#pragma once
/* Writing what was judged: one statement under the avatar's lock. */
#include "photos/photo_intake.h"

/* Rows for photo_add_apply. Texts are borrowed from buf, which is filled here. */
struct query photo_add(struct uuid user, const struct photo_intake *intake, struct buf *buf);
/* Verdicts of photos that another request was quicker with turn into refusals. False: none was written, *reterr:
   ERR_CONFLICT avatar_training, ERR_NOT_FOUND. */
bool photo_add_apply(const PGresult *rows, struct photo_intake *intake, struct err *reterr);
