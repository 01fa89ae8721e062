#pragma once
/* The compiler's state; for mustache_parse.c and mustache_text.c. */
#include "view/mustache_inside.h"
#include "view/mustache_scan.h"

/* A section, parent, block or plural that is not closed yet. */
struct mustache_open {
    enum mustache_op_kind kind;
    struct text name;
    bool dynamic;
    uint32_t line;
    size_t op;
    bool muted;         /* its operations are dropped when it ends */
    bool wants_indent;  /* a block whose first line has not begun */
    bool has_line;      /* a parent that begins its line */
    struct text blanks; /* written in front of it */
};

struct mustache_parser {
    struct mustache_set *set;
    struct mustache *template;
    struct err *reterr;
    struct mustache_open open[MUSTACHE_MAX_DEPTH];
    size_t depth, floor; /* floor: what was open when this piece of source began */
    size_t barrier;      /* no literal before this operation may be made longer */
    const struct mustache_scan *scan;
    struct mustache_line in_line;
    bool line_starts; /* the next operation is the first of its line */
    uint32_t line;
    const char *text_key; /* while a text is compiled in a tag's place; NULL: the file itself */
    int text_depth, text_count;
};

/* One piece, a file or a text, up to its end. */
bool mustache_parse_source(struct mustache_parser *parser, struct text source);
/* {{t.key}} */
bool mustache_parse_text(struct mustache_parser *parser, const struct mustache_token *token);

/* A new operation, the last. NULL: there are too many. */
struct mustache_op *mustache_parse_op(struct mustache_parser *parser, enum mustache_op_kind kind);
bool mustache_parse_name(struct mustache_parser *parser, struct mustache_op *op, struct text name);
/* The last operation begins a body; the innermost body ends here. */
bool mustache_parse_open(struct mustache_parser *parser, enum mustache_op_kind kind, struct text name, bool dynamic);
bool mustache_parse_close(struct mustache_parser *parser);

/* White space of lines, mustache_margin.c. A line begins. */
bool mustache_margin_line(struct mustache_parser *parser);
/* A partial, a parent or a block, just opened. */
bool mustache_margin_place(struct mustache_parser *parser, struct mustache_op *op, const struct mustache_token *token);
bool mustache_margin_block(struct mustache_parser *parser, struct mustache_op *op, const struct mustache_token *token);
/* The innermost, a parent, ends. */
bool mustache_margin_close(struct mustache_parser *parser);

bool mustache_parse_fault(struct mustache_parser *parser, uint32_t line, const char *why);
