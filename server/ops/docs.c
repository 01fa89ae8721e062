#include "ops/docs.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"

enum { MAX_FILE = 8 << 20, FILES = 7 };

/* Where each file comes from; the reference page's are another project's, and may be missing. */
static const struct source {
    const char *name, *path, *content_type;
    bool optional;
} SOURCES[FILES] = {
    {"openapi.yaml", "openapi.yaml", "application/yaml", false},
    {"home.html", "static/docs/home.html", "text/html; charset=utf-8", false},
    {"docs.html", "static/docs/docs.html", "text/html; charset=utf-8", false},
    {"docs.css", "static/docs/docs.css", "text/css; charset=utf-8", false},
    {"docs.js", "static/docs/docs.js", "text/javascript; charset=utf-8", false},
    {"swagger-ui.css", "node_modules/swagger-ui-dist/swagger-ui.css", "text/css; charset=utf-8", true},
    {"swagger-ui-bundle.js", "node_modules/swagger-ui-dist/swagger-ui-bundle.js", "text/javascript; charset=utf-8",
     true},
};

struct docs {
    struct buf bufs[FILES];
    struct docs_file files[FILES];
};

struct docs *docs_open(const char *root, struct err *reterr)
{
    struct docs *docs = calloc(1, sizeof *docs);

    if (!docs)
        abort();
    for (int i = 0; i < FILES; i++) {
        docs->bufs[i] = buf_make(MAX_FILE);
        if (!file_read(root, SOURCES[i].path, &docs->bufs[i], reterr)) {
            if (!SOURCES[i].optional) {
                docs_close(docs);
                return NULL;
            }
            log_write(LOG_WARN, "docs_file_missing", "file=%s", SOURCES[i].name);
        }
        docs->files[i] =
            (struct docs_file){SOURCES[i].name, SOURCES[i].content_type, {docs->bufs[i].bytes, docs->bufs[i].len}};
    }
    return docs;
}

void docs_close(struct docs *docs)
{
    if (!docs)
        return;
    for (int i = 0; i < FILES; i++)
        buf_done(&docs->bufs[i]);
    free(docs);
}

const struct docs_file *docs_find(const struct docs *docs, struct text name)
{
    for (int i = 0; i < FILES; i++)
        if (docs->files[i].bytes.len && text_equal(name, text_of(docs->files[i].name)))
            return &docs->files[i];
    return NULL;
}
