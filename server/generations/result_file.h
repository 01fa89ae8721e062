#pragma once
/* A provider's file on its way to us: fetched from the provider or, when the store was away at the time, from this
   machine's spool. */
#include "db/rows.h"
#include "jobs/workers.h"

struct result_file {
    struct uuid image_id;
    int64_t position;
    bool nsfw;
    const char *url;        /* borrowed from the row */
    const char *spooled_on; /* borrowed; NULL: nowhere */
    bool here;              /* bytes come from the spool of this machine */
    bool sound;             /* bytes were found to be a picture */
    struct buf bytes;       /* owned */
};

struct query result_files_of(struct uuid generation);
struct result_file result_file_from_row(struct row row);

/* Fills bytes. spooled_elsewhere (ERR_BUSY): the provider's copy is gone, and another machine has one. */
bool result_file_fetch(const struct job_tools *tools, struct result_file *file, struct err *reterr);
/* The picture is broken: a copy of ours is of no use. */
void result_file_spoil(const struct job_tools *tools, const struct result_file *file);
/* What is sound stays on this machine until it is delivered, and the rows say so, as far as there is room. */
bool result_files_keep(const struct job_tools *tools, const struct job *job, struct result_file *files, int count,
                       struct err *reterr);
/* It is delivered. */
void result_file_forget(const struct job_tools *tools, const struct result_file *file);
