#pragma once
/* The state of one rendering, on the stack of the thread that renders; for mustache_render.c, mustache_context.c and
   mustache_lines.c. */
#include "view/mustache_inside.h"

/* What is put before each line, outermost first. */
struct mustache_indent {
    const struct mustache_indent *outer;
    struct text text;
};

/* The arguments of a parent tag. The outermost that has a block wins. */
struct mustache_arguments {
    const struct mustache_arguments *outer;
    const struct mustache *template;
    uint32_t from, end;
};

/* Whose operations are run, and what they have from those who called them. */
struct mustache_place {
    const struct mustache *template;
    const struct mustache_indent *indent;
    size_t strip; /* blanks that each line of this piece of source has in its file, and that are not written */
    const struct mustache_arguments *arguments;
};

struct mustache_entry {
    struct view_value value;
    const uint8_t *row; /* of an object of a type that is known */
};

struct mustache_render {
    const struct mustache_set *set;
    struct buf *out;
    struct mustache_entry stack[MUSTACHE_MAX_ROOTS + MUSTACHE_MAX_DEPTH + 1];
    int top; /* how many */
    int depth;
    size_t steps;
    bool line_is_begun; /* the next line start is already written */
};

void mustache_context_push(struct mustache_render *render, const struct view_value *value);
/* By name, from the innermost object outwards. room as in view_read. Not found is VIEW_IS_NOTHING. */
void mustache_context_find(const struct mustache_render *render, const struct mustache *template,
                           const struct mustache_op *op, char *room, struct view_value *ret);

bool mustache_lines_start(struct mustache_render *render, const struct mustache_place *place);
/* A literal where lines are indented or stripped. */
bool mustache_lines_literal(struct mustache_render *render, const struct mustache_place *place,
                            const struct mustache_op *op);
bool mustache_lines_indent(struct mustache_render *render, const struct mustache_indent *indent);
/* The indentation that op gives to what is written in its place. */
struct mustache_indent mustache_lines_below(const struct mustache_place *place, const struct mustache_op *op);
