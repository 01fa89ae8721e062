#pragma once
/* What something was made from, to make something of it: a variation of a picture, the same once more, another try of
   what failed. */
#include "db/query.h"
#include "db/rows.h"
#include "generations/generation_wish.h"
#include "http/call.h"

/* Texts are borrowed from the row. */
struct origin {
    struct uuid generation, avatar;
    const char *status, *prompt, *preset, *endpoint;
    const char *template_id, *template_variant; /* NULL: none */
    struct text parameters;                     /* JSON */
    const char *seed;                           /* with which it was made, decimal; NULL: none known */
    const char *wanted_seed;                    /* NULL: it was left open */
    int64_t num_images;
    bool avatar_deleted;
    struct uuid parent_image;
    struct uuid source_image; /* the picture that was sent along; "": none */
    bool has_source;          /* ... and it may be sent again */
    const char *source_key;   /* of its object; NULL: none, or it may not be sent */
    struct plan_source source;
    /* of a picture */
    struct uuid image; /* "": the origin is a generation */
    int64_t width, height;
    const char *image_key; /* of its object */
    bool image_deleted, image_hidden;
};

/* One row for origin_from_row; none: missing or somebody else's. Also of a picture in the trash. */
struct query origin_of_image(struct uuid user, struct uuid image);
struct query origin_of_generation(struct uuid user, struct uuid generation);
struct origin origin_from_row(struct row row);

/* Each fills what the wish does not say yet (prompt, preset, number, seed) and where it comes from. False: ERR_CONFLICT
   image_deleted, image_quarantined, avatar_deleted, source_missing, generation_unfinished, generation_completed. */

/* A variation: starts from the picture. A preset of the wish's own brings its own parameters. */
bool origin_vary(const struct call *call, const struct origin *origin, struct generation_wish *wish,
                 struct err *reterr);
/* All pictures of its generation once more, with their seed, parameters and endpoint. */
bool origin_repeat(const struct call *call, const struct origin *origin, struct generation_wish *wish,
                   struct err *reterr);
/* The same wish once more, with a seed of its own when none was wished for: of a picture one more like it; what failed
   or was cancelled is tried again. */
bool origin_again(const struct call *call, const struct origin *origin, struct generation_wish *wish,
                  struct err *reterr);
/* The wish of one that failed or was cancelled, as if it were made today. */
bool origin_retry(const struct call *call, const struct origin *origin, struct generation_wish *wish,
                  struct err *reterr);
