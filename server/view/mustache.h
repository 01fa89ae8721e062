#pragma once
/* Mustache templates (https://mustache.github.io/mustache.5.html; the specification's core, inheritance and dynamic
   names): compiled once, linked to each other, rendered into a buffer. A set is immutable after mustache_link, so all
   threads may render from it.

   {{name}} escapes & < > " and '. Names are looked up from the innermost object of the context outwards. */
#include "base/buf.h"
#include "base/err.h"
#include "view/value.h"

struct mustache_set;
struct mustache; /* a template of a set */

/* Where a name that begins with "t." gets its text: a piece of template that is compiled in the tag's place, so it may
   have tags of its own. With forms it is chosen by the plural rule of the language and the number under the name
   by. NULL in mustache_open: "t." has no special meaning. */
enum mustache_plural { MUSTACHE_ONE, MUSTACHE_FEW, MUSTACHE_MANY, MUSTACHE_OTHER, MUSTACHE_PLURALS };
struct mustache_text {
    const char *text;                    /* NULL: in forms */
    const char *by;                      /* "count" */
    const char *forms[MUSTACHE_PLURALS]; /* those that the language has no rule for are NULL */
};
struct mustache_texts {
    bool (*find)(const void *texts, struct text key, struct mustache_text *ret); /* key without "t." */
    enum mustache_plural (*plural)(const void *texts, int64_t count);
    const void *texts;
};

/* texts is copied, what it points to lives as long as the set. */
struct mustache_set *mustache_open(const struct mustache_texts *texts);
void mustache_close(struct mustache_set *set); /* NULL is fine */

/* Compiles source under the name that partials call it by; file stands in messages. Faults: "templates/x.mustache:12:
   the section {{#images}} is not closed", ERR_INVALID, code "template". source need not live on. */
bool mustache_add(struct mustache_set *set, const char *name, const char *file, struct text source, struct err *reterr);
/* Resolves partials and parents. With types (ends with NULL) a partial that is missing, a block that the parent has not
   got, and a name that no type has, are faults with file and line; without, they render as nothing, as the
   specification wants it. */
bool mustache_link(struct mustache_set *set, const struct view_type *const *types, struct err *reterr);

/* NULL: there is none. */
const struct mustache *mustache_find(const struct mustache_set *set, const char *name);

enum { MUSTACHE_MAX_ROOTS = 4, MUSTACHE_MAX_DEPTH = 64 /* of sections, partials and objects in each other */ };

/* Appends to out. roots: the context, outermost first. False: over the buffer's limit, or nested too deeply (a partial
   that calls itself without end); out then has a part of the page. */
bool mustache_render(const struct mustache *template, const struct view_object *roots, int count, struct buf *out);
