#pragma once
/* GET /images/{id}: one picture, how it came to be, and what can be done with it. */
#include "gallery/image_detail.h"
#include "http/query_string.h"
#include "web/page.h"

extern const struct page image_page;

struct next image_page_show(struct call *call);

/* The page with the form of its name as it was sent: faults are what is wrong with that. */
struct image_page_typed {
    const char *custom_name;
    const struct faults *faults;
    bool favorites; /* its neighbours are favourites */
};
/* Status 422. row: of image_detail_by_id. */
struct next image_page_reply_typed(struct call *call, struct row row, const struct image_page_typed *typed);
