#pragma once
/* Which templates there are: for templates.c. */
#include <stddef.h>

#include "base/err.h"

enum { TEMPLATE_PATH_ROOM = 200 };

struct template_file {
    char path[TEMPLATE_PATH_ROOM]; /* below root: "templates/gallery/tile.mustache" */
    char name[TEMPLATE_PATH_ROOM]; /* "gallery/tile" */
};

struct template_files {
    struct template_file *at;
    size_t count; /* sorted by path */
};

/* Every .mustache file below {root}/templates, hidden ones left out. Too many, too deep, or a name that is too long are
   faults. */
struct template_files *template_files_open(const char *root, struct err *reterr);
void template_files_close(struct template_files *files); /* NULL is fine */
