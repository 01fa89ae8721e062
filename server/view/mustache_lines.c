/* Indentation: only where a tag that has its line for itself was indented. */
#include <string.h>

#include "view/mustache_render.h"

static size_t blanks(struct text t, size_t max)
{
    size_t n = 0;

    while (n < t.len && n < max && (t.at[n] == ' ' || t.at[n] == '\t'))
        n++;
    return n;
}

bool mustache_lines_indent(struct mustache_render *render, const struct mustache_indent *indent)
{
    return !indent ||
           (mustache_lines_indent(render, indent->outer) && buf_add(render->out, indent->text.at, indent->text.len));
}

bool mustache_lines_start(struct mustache_render *render, const struct mustache_place *place)
{
    if (!render->line_is_begun)
        return mustache_lines_indent(render, place->indent);
    render->line_is_begun = false;
    return true;
}

/* A line without anything in it stays empty. */
static bool write_line(struct mustache_render *render, const struct mustache_place *place, struct text line)
{
    size_t skip = blanks(line, place->strip);

    if (line.at[0] == '\n')
        render->line_is_begun = false;
    else if (!mustache_lines_start(render, place))
        return false;
    return buf_add(render->out, line.at + skip, line.len - skip);
}

bool mustache_lines_literal(struct mustache_render *render, const struct mustache_place *place,
                            const struct mustache_op *op)
{
    struct text rest = {place->template->literals.bytes + op->literal, op->len};
    bool starts = op->flags & MUSTACHE_LINE_START;

    if (!rest.len) /* the line has nothing but the tag that ends a body */
        return !starts || mustache_lines_start(render, place);
    while (rest.len) {
        const char *line_break = memchr(rest.at, '\n', rest.len);
        size_t len = line_break ? (size_t)(line_break - rest.at) + 1 : rest.len;
        bool done =
            starts ? write_line(render, place, (struct text){rest.at, len}) : buf_add(render->out, rest.at, len);
        if (!done)
            return false;
        rest = (struct text){rest.at + len, rest.len - len};
        starts = true;
    }
    return true;
}

struct mustache_indent mustache_lines_below(const struct mustache_place *place, const struct mustache_op *op)
{
    struct text indent = {place->template->literals.bytes + op->indent, op->indent_len};
    size_t skip = blanks(indent, place->strip);

    return (struct mustache_indent){place->indent, {indent.at + skip, indent.len - skip}};
}
