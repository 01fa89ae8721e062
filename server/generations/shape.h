#pragma once
/* The shape of pictures: what a form's field size says in one word, and what a generation's parameters say. */
#include "catalog/catalog.h"
#include "generations/plan.h"

enum { SHAPE_SIZE_ROOM = 24 };

struct shape {
    int64_t width, height;      /* pixels; of a ratio its two sides */
    bool is_ratio;              /* pixels are not known before there is a picture */
    char size[SHAPE_SIZE_ROOM]; /* "square_hd", "16:9" or "640x800": shape_read understands it */
};

/* From a generation's parameters (JSON). What nobody can read is a square. */
struct shape shape_of(const struct catalog *catalog, struct text parameters);
/* What a preset has without further wishes. */
struct shape shape_of_preset(const struct catalog *catalog, const struct preset *preset);

/* A field's value into a wish: one of *ret_size and ratio (char[40]) is set, or none when the value is "". A name that
   the catalogue does not have is taken over: plan_make judges it. False: too long to be anything. */
bool shape_read(struct text value, struct plan_size *ret_size, char ratio[40]);

/* "1024×768", or "16:9". */
void shape_words(const struct shape *shape, char *to, size_t room);
