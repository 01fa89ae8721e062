#pragma once
/* The pages and files that document the service, read into memory once at start. */
#include "base/err.h"
#include "base/text.h"

struct docs;

struct docs_file {
    const char *name, *content_type;
    struct text bytes;
};

/* From {root}/openapi.yaml, {root}/static/docs and the reference page's npm package in {root}/node_modules. Without
   that package the page only links to the contract. */
struct docs *docs_open(const char *root, struct err *reterr);
void docs_close(struct docs *docs); /* NULL is fine */
/* NULL: there is none. */
const struct docs_file *docs_find(const struct docs *docs, struct text name);
