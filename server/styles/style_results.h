#pragma once
/* What came of generations by style and by the variant of its prompt: the comparison that variants are there for. */
#include "db/query.h"
#include "db/rows.h"

struct style_result {
    const char *template_id, *variant; /* borrowed from the row; variant NULL: a style with one prompt */
    /* generations */
    int64_t started, completed, failed, blocked, cancelled; /* blocked: by moderation or as NSFW, not among failed */
    int64_t users;
    /* pictures of them */
    int64_t images, favorited, deleted;
};

enum { STYLE_RESULTS_DAYS_MAX = 365 };

/* Of the shipped styles (ids: a text[] literal) or of one, of the last days; in order of style and variant. */
struct query style_results_of(const char *ids, int64_t days);
struct style_result style_result_from_row(struct row row);

/* A rate with the interval that holds the true one in 95 of 100 cases (Wilson's). Nothing of nothing: all of 0 to 1. */
struct style_rate {
    double rate, low, high; /* 0 to 1; rate is 0 for nothing of nothing */
};
struct style_rate style_rate_of(int64_t hits, int64_t of);
