/* From tags to operations. Literals of a template lie behind each other in one buffer, so that what stands together is
   written at once; a body is the range of operations behind its own. */
#include "view/mustache_parse.h"

#include <stdio.h>
#include <string.h>

static const char *CALLED[] = {[OP_SECTION] = "section {{#",
                               [OP_INVERTED] = "section {{^",
                               [OP_PARENT] = "parent {{<",
                               [OP_BLOCK] = "block {{$",
                               [OP_PLURAL] = "text {{t."};

bool mustache_parse_fault(struct mustache_parser *parser, uint32_t line, const char *why)
{
    const char *text = parser->text_key;

    if (text)
        return mustache_fault(parser->template, parser->line, parser->reterr, "in the text %s: %s", text, why);
    return mustache_fault(parser->template, line, parser->reterr, "%s", why);
}

static bool fault_of(struct mustache_parser *parser, const struct mustache_open *open, const char *what)
{
    char why[3 * MUSTACHE_MAX_TAG];

    (void)snprintf(why, sizeof why, "the %s%.*s}} %s", CALLED[open->kind], (int)open->name.len, open->name.at, what);
    return mustache_parse_fault(parser, open->line, why);
}

/* Directly inside of a parent tag: nothing counts there but blocks. */
static bool is_muted(const struct mustache_parser *parser)
{
    return parser->depth > 0 && parser->open[parser->depth - 1].kind == OP_PARENT;
}

struct mustache_op *mustache_parse_op(struct mustache_parser *parser, enum mustache_op_kind kind)
{
    struct mustache *template = parser->template;
    struct mustache_op *op;

    if (template->count == MUSTACHE_MAX_OPS) {
        (void)mustache_parse_fault(parser, parser->line, "there are too many tags");
        return NULL;
    }
    template->ops = mustache_grow(template->ops, sizeof *template->ops, template->count, &template->room);
    op = &template->ops[template->count++];
    *op = (struct mustache_op){.kind = (uint8_t)kind, .line = parser->line};
    if (parser->line_starts)
        op->flags = MUSTACHE_LINE_START;
    parser->line_starts = false;
    return op;
}

static bool add_literal(struct mustache_parser *parser, struct text text)
{
    struct mustache *template = parser->template;
    size_t at = template->literals.len;
    struct mustache_op *last = template->count > parser->barrier ? &template->ops[template->count - 1] : NULL;

    if (!buf_add(&template->literals, text.at, text.len))
        return mustache_parse_fault(parser, parser->line, "the template is too long");
    if (last && last->kind == OP_LITERAL && last->literal + last->len == at) {
        last->len += (uint32_t)text.len;
        parser->line_starts = false;
        return true;
    }
    last = mustache_parse_op(parser, OP_LITERAL);
    if (!last)
        return false;
    last->literal = (uint32_t)at;
    last->len = (uint32_t)text.len;
    return true;
}

static bool set_symbol(struct mustache_parser *parser, struct mustache_op *op, struct text name)
{
    int symbol = mustache_symbol(parser->set, name);

    op->symbol = (uint32_t)symbol;
    return symbol >= 0 || mustache_parse_fault(parser, parser->line, "there are too many different names");
}

static bool add_part(struct mustache_parser *parser, struct text part)
{
    struct mustache *template = parser->template;
    int symbol = mustache_symbol(parser->set, part);

    if (symbol < 0)
        return mustache_parse_fault(parser, parser->line, "there are too many different names");
    template->parts = mustache_grow(template->parts, sizeof(uint16_t), template->parts_count, &template->parts_room);
    template->parts[template->parts_count++] = (uint16_t)symbol;
    return true;
}

bool mustache_parse_name(struct mustache_parser *parser, struct mustache_op *op, struct text name)
{
    op->name = (uint32_t)parser->template->parts_count;
    if (name.len == 1 && name.at[0] == '.')
        return true;
    while (name.at) {
        if (++op->parts > MUSTACHE_MAX_PARTS)
            return mustache_parse_fault(parser, op->line, "a name has too many parts");
        if (!add_part(parser, text_cut(&name, '.')))
            return false;
    }
    return true;
}

static bool add_ref(struct mustache_parser *parser, struct mustache_op *op, const struct mustache_token *token)
{
    struct mustache *template = parser->template;

    if (token->dynamic) {
        op->flags |= MUSTACHE_DYNAMIC;
        return mustache_parse_name(parser, op, token->text);
    }
    template->refs = mustache_grow(template->refs, sizeof *template->refs, template->refs_count, &template->refs_room);
    op->ref = (uint32_t) template->refs_count;
    template->refs[template->refs_count++] = (struct mustache_ref){mustache_copy(token->text), NULL};
    return true;
}

static bool add_variable(struct mustache_parser *parser, const struct mustache_token *token)
{
    struct mustache_op *op;

    if (parser->set->texts.find && text_starts(token->text, TEXT("t.")))
        return mustache_parse_text(parser, token);
    op = mustache_parse_op(parser, token->sigil == '&' ? OP_RAW : OP_VARIABLE);
    return op && mustache_parse_name(parser, op, token->text);
}

static bool add_partial(struct mustache_parser *parser, const struct mustache_token *token)
{
    struct mustache_op *op = mustache_parse_op(parser, OP_PARTIAL);

    return op && add_ref(parser, op, token) && mustache_margin_place(parser, op, token);
}

bool mustache_parse_open(struct mustache_parser *parser, enum mustache_op_kind kind, struct text name, bool dynamic)
{
    if (parser->depth == MUSTACHE_MAX_DEPTH)
        return mustache_parse_fault(parser, parser->line, "sections are nested too deeply");
    parser->open[parser->depth++] = (struct mustache_open){
        .kind = kind, .name = name, .dynamic = dynamic, .line = parser->line, .op = parser->template->count - 1};
    parser->barrier = parser->template->count;
    return true;
}

static bool open_tag(struct mustache_parser *parser, enum mustache_op_kind kind, const struct mustache_token *token)
{
    bool muted = is_muted(parser) && kind != OP_BLOCK;
    struct mustache_op *op = mustache_parse_op(parser, kind);
    struct mustache_open *open = &parser->open[parser->depth];

    if (!op || !mustache_parse_open(parser, kind, token->text, token->dynamic))
        return false;
    open->muted = muted;
    if (kind == OP_BLOCK)
        return set_symbol(parser, op, token->text) && mustache_margin_block(parser, op, token);
    if (kind == OP_PARENT)
        return add_ref(parser, op, token) && mustache_margin_place(parser, op, token);
    return mustache_parse_name(parser, op, token->text);
}

bool mustache_parse_close(struct mustache_parser *parser)
{
    struct mustache_open *open = &parser->open[parser->depth - 1];
    struct mustache *template = parser->template;

    /* The last line of a body begins in the body, also when it has nothing but the tag that ends it. */
    if (parser->line_starts && open->kind != OP_PARENT && !mustache_parse_op(parser, OP_LITERAL))
        return false;
    parser->line_starts = false;
    template->ops[open->op].end = (uint32_t) template->count;
    if (open->muted)
        template->count = open->op;
    parser->barrier = template->count;
    parser->depth--;
    return true;
}

static bool close_tag(struct mustache_parser *parser, const struct mustache_token *token)
{
    struct mustache_open *open;
    char why[2 * MUSTACHE_MAX_TAG];

    if (parser->depth == parser->floor) {
        (void)snprintf(why, sizeof why, "{{/%.*s}} closes nothing", (int)token->text.len, token->text.at);
        return mustache_parse_fault(parser, token->line, why);
    }
    open = &parser->open[parser->depth - 1];
    if (!text_equal(open->name, token->text) || open->dynamic != token->dynamic) {
        (void)snprintf(why, sizeof why, "is closed by {{/%.*s}}", (int)token->text.len, token->text.at);
        return fault_of(parser, open, why);
    }
    if (open->kind == OP_PARENT && !mustache_margin_close(parser))
        return false;
    return mustache_parse_close(parser);
}

static bool add_tag(struct mustache_parser *parser, const struct mustache_token *token)
{
    if (!parser->text_key)
        parser->line = token->line;
    switch (token->sigil) {
    case '!':
    case '=': return true;
    case '#': return open_tag(parser, OP_SECTION, token);
    case '^': return open_tag(parser, OP_INVERTED, token);
    case '<': return open_tag(parser, OP_PARENT, token);
    case '$': return open_tag(parser, OP_BLOCK, token);
    case '/': return close_tag(parser, token);
    }
    if (is_muted(parser)) {
        parser->line_starts = false;
        return true;
    }
    return token->sigil == '>' ? add_partial(parser, token) : add_variable(parser, token);
}

static bool add_text(struct mustache_parser *parser, const struct mustache_token *token)
{
    if (!parser->text_key)
        parser->line = token->line;
    if (parser->in_line.standalone && token->at < parser->in_line.end)
        return true;
    if (!is_muted(parser))
        return add_literal(parser, token->text);
    parser->line_starts = false;
    return true;
}

bool mustache_parse_source(struct mustache_parser *parser, struct text source)
{
    struct mustache_scan scan = mustache_scan_begin(source);
    size_t floor = parser->floor;
    struct mustache_token token = {.kind = MUSTACHE_TEXT};
    bool line_begins = !parser->text_key, fine;

    parser->floor = parser->depth;
    parser->scan = &scan;
    for (;;) {
        if (line_begins && !mustache_margin_line(parser))
            return false;
        mustache_scan_next(&scan, &token);
        if (token.kind == MUSTACHE_END)
            break;
        if (token.kind == MUSTACHE_FAULT)
            return mustache_parse_fault(parser, token.line, token.why);
        fine = token.kind == MUSTACHE_TAG ? add_tag(parser, &token) : add_text(parser, &token);
        if (!fine)
            return false;
        parser->scan = &scan;
        line_begins = !parser->text_key && token.kind == MUSTACHE_TEXT && token.text.at[token.text.len - 1] == '\n';
    }
    if (parser->depth > parser->floor)
        return fault_of(parser, &parser->open[parser->depth - 1], "is not closed");
    parser->floor = floor;
    return true;
}

bool mustache_parse(struct mustache_set *set, struct mustache *template, struct text source, struct err *reterr)
{
    struct mustache_parser parser = {.set = set, .template = template, .reterr = reterr, .line = 1};

    if (source.len > MUSTACHE_MAX_SOURCE)
        return mustache_fault(template, 1, reterr, "the template is longer than %d bytes", MUSTACHE_MAX_SOURCE);
    return mustache_parse_source(&parser, source.at ? source : TEXT(""));
}
