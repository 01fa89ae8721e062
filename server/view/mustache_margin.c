/* Which tags have their line for themselves, and how far what they write is to be indented. */
#include <string.h>

#include "view/mustache_parse.h"

static bool add_indent(struct mustache_parser *parser, struct mustache_op *op, struct text indent)
{
    op->indent = (uint32_t)parser->template->literals.len;
    op->indent_len = (uint32_t)indent.len;
    return buf_add(&parser->template->literals, indent.at, indent.len) ||
           mustache_parse_fault(parser, op->line, "the template is too long");
}

/* The first line inside of a block tells how far the block is indented. */
bool mustache_margin_line(struct mustache_parser *parser)
{
    struct mustache_open *open = parser->depth > 0 ? &parser->open[parser->depth - 1] : NULL;
    const struct mustache_scan *scan = parser->scan;
    struct mustache_line *line = &parser->in_line;
    size_t behind;

    mustache_scan_line(scan, line);
    parser->line_starts = !line->standalone;
    behind = line->first + scan->open_len;
    if (!open || !open->wants_indent || line->first == scan->source.len ||
        memchr("\r\n", scan->source.at[line->first], 2))
        return true;
    open->wants_indent = false;
    if (behind < scan->source.len && memcmp(scan->source.at + line->first, scan->open, scan->open_len) == 0 &&
        scan->source.at[behind] == '/') /* it ends at once: as its own tag is */
        return true;
    return add_indent(parser, &parser->template->ops[open->op], line->indent);
}

bool mustache_margin_place(struct mustache_parser *parser, struct mustache_op *op, const struct mustache_token *token)
{
    bool first = token->at == parser->in_line.first;

    if (op->kind == OP_PARENT) {
        parser->open[parser->depth - 1].has_line = first;
        parser->open[parser->depth - 1].blanks = parser->in_line.indent;
    }
    if (!parser->in_line.standalone || !first)
        return true;
    op->flags |= MUSTACHE_STANDALONE;
    return add_indent(parser, op, parser->in_line.indent);
}

/* A block whose opening tag ends its line indents like its first line; another one that begins its line, by what stands
   before it. */
bool mustache_margin_block(struct mustache_parser *parser, struct mustache_op *op, const struct mustache_token *token)
{
    size_t end;

    if (parser->in_line.standalone && mustache_scan_ends_line(parser->scan, &end)) {
        op->flags |= MUSTACHE_STANDALONE;
        parser->open[parser->depth - 1].wants_indent = true;
    } else if (token->at != parser->in_line.first)
        return true;
    return add_indent(parser, op, parser->in_line.indent);
}

/* What was written in front of the parent's tag becomes its indentation. */
static bool take_blanks(struct mustache_parser *parser, const struct mustache_open *open)
{
    struct mustache_op *op = &parser->template->ops[open->op];

    op->flags = (uint8_t)((op->flags & ~MUSTACHE_LINE_START) | MUSTACHE_STANDALONE);
    if (open->blanks.len) {
        op[-1].len -= (uint32_t)open->blanks.len;
        if (!op[-1].len)
            op[-1].flags = 0;
    }
    return add_indent(parser, op, open->blanks);
}

/* A parent has its lines for itself when nothing stands before its first tag and behind its last one: what is between
   them belongs to the arguments. */
bool mustache_margin_close(struct mustache_parser *parser)
{
    const struct mustache_open *open = &parser->open[parser->depth - 1];
    size_t end;

    if (!open->has_line || open->muted || !mustache_scan_ends_line(parser->scan, &end))
        return true;
    parser->in_line.standalone = true;
    parser->in_line.end = end;
    parser->line_starts = false;
    return parser->template->ops[open->op].flags & MUSTACHE_STANDALONE || take_blanks(parser, open);
}
