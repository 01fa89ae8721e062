#pragma once
/* All page templates, every .mustache file below {root}/templates, compiled once for each language with that language's
   texts. The name of templates/gallery/tile.mustache is "gallery/tile". Immutable after templates_open. */
#include "base/err.h"
#include "base/messages.h"
#include "view/mustache.h"
#include "view/texts.h"

struct templates;

/* types (ends with NULL): every struct that a page is made from. A fault stops the start and names file and line. texts
   must live longer. */
struct templates *templates_open(const char *root, const struct texts *texts, const struct view_type *const *types,
                                 struct err *reterr);
void templates_close(struct templates *templates); /* NULL is fine */
/* NULL: there is none. */
const struct mustache *templates_find(const struct templates *templates, enum lang lang, const char *name);
