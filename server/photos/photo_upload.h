#pragma once
/* Photos that browsers put straight into the bucket: their rows, until they are judged. */
#include "base/faults.h"
#include "db/query.h"
#include "db/rows.h"
#include "http/upload.h"
#include "photos/photo_intake.h"

enum { UPLOADS_MOST = MULTIPART_MAX_PARTS /* that an avatar may have open */, UPLOAD_IDS_BODY = 64 * 1024 };

/* {"upload_ids": [...]}: 1 to UPLOADS_MOST of them, each once. False: *faults, or *reterr of JSON. */
bool upload_ids_read(const struct upload *body, struct photo_upload *ret, int *ret_count, struct faults *faults,
                     struct err *reterr);
/* Rows for upload_ids_find: the open ones of an avatar. */
struct query uploads_of(struct uuid user, struct uuid avatar);
/* The names that were given with them; one that is not there is a fault: upload_unknown. */
void upload_ids_find(const PGresult *rows, struct photo_upload *uploads, int count, struct faults *faults);

/* One row: "open", "full" (there are UPLOADS_MOST), "training", "gone" (no such avatar). What was opened two hours ago
   gives way. */
struct query upload_insert(struct uuid user, struct uuid avatar, struct uuid id, const char *file_name);
