#pragma once
/* Dead letters: jobs that failed or crashed too often, and were given up. They stay, with the reason, until an operator
   has them run once more or throws them away. */
#include "db/query.h"
#include "db/rows.h"

struct dead_job {
    int64_t id;
    const char *kind; /* borrowed, as last_error: they live as long as the row's result */
    struct uuid ref;
    int64_t attempts, crashes;
    const char *last_error; /* NULL: nothing was said */
    char since[ROW_TIME_ROOM];
};

struct query dead_jobs(int64_t limit); /* the oldest first */
struct dead_job dead_job_from_row(struct row row);

/* id 0: all of them. Each affects the dead alone. */
struct query dead_job_retry(int64_t id); /* runs at once, as if it had never failed */
struct query dead_job_discard(int64_t id);
