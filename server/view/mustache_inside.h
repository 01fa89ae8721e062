#pragma once
/* What a compiled template is made of; for the files mustache_*.c alone. */
#include "view/mustache.h"

enum {
    MUSTACHE_MAX_SOURCE = 256 * 1024, /* bytes */
    MUSTACHE_MAX_OPS = 64 * 1024,     /* of one template, with the texts in it */
    MUSTACHE_MAX_PARTS = 16,          /* of a dotted name */
    MUSTACHE_MAX_SYMBOLS = 4096,      /* different parts of names, in a set */
    MUSTACHE_MAX_TEMPLATES = 1024,
    MUSTACHE_MAX_STEPS = 1024 * 1024, /* of one rendering: partials that call each other may double at every level */
};

enum mustache_op_kind {
    OP_LITERAL,  /* bytes of literals */
    OP_VARIABLE, /* name, escaped */
    OP_RAW,      /* name, as it is */
    OP_SECTION,  /* name; its body runs to end */
    OP_INVERTED, /* name; its body runs to end */
    OP_PARTIAL,  /* ref, or name when dynamic */
    OP_PARENT,   /* the same; the blocks up to end are its arguments */
    OP_BLOCK,    /* symbol; what stands there by default runs to end */
    OP_PLURAL,   /* name of the number; the forms up to end */
    OP_FORM,     /* form; its body runs to end */
};

/* White space of lines exists only where a tag stands alone in its line; nothing of it costs anything otherwise. */
enum {
    MUSTACHE_LINE_START = 1, /* the first that a line of the source writes: indentation comes before it */
    MUSTACHE_STANDALONE = 2, /* a partial, parent or block that has its line for itself */
    MUSTACHE_DYNAMIC = 4,
};

struct mustache_op {
    uint8_t kind, flags;
    uint16_t parts; /* of the name; 0: {{.}} */
    uint32_t line;  /* in the file */
    union {
        uint32_t name; /* index of its first part in the template's parts */
        uint32_t literal, ref, symbol, form;
    };
    union {
        uint32_t end; /* index of the op behind it */
        uint32_t len; /* of a literal */
    };
    uint32_t indent, indent_len; /* in literals: what is put before the lines of what is written in the tag's place */
};

struct mustache_ref {
    char *name;
    const struct mustache *to; /* NULL: there is none */
};

struct mustache {
    const struct mustache_set *set;
    char *name, *file;
    struct buf literals;
    struct mustache_op *ops;
    uint16_t *parts; /* symbols */
    struct mustache_ref *refs;
    size_t count, room, parts_count, parts_room, refs_count, refs_room;
};

/* A type that is known since mustache_link: where each symbol is among its fields. */
struct mustache_row {
    const struct view_type *type;
    uint8_t *fields; /* by symbol: index + 1; 0: it has none */
};

struct mustache_set {
    struct mustache_texts texts; /* find NULL: none */
    struct mustache **templates;
    struct text *symbols;
    struct mustache_row *rows; /* found by the type's address; NULL: linked without types */
    size_t count, room, symbols_count, symbols_room;
    size_t rows_mask; /* their number, a power of two, minus 1 */
};

/* Room for one more in an array of count things of size bytes. */
void *mustache_grow(void *array, size_t size, size_t count, size_t *room);
char *mustache_copy(struct text text); /* with a NUL */
/* -1: there are too many. */
int mustache_symbol(struct mustache_set *set, struct text name);

/* Fills the template, which knows its set, name and file. */
bool mustache_parse(struct mustache_set *set, struct mustache *template, struct text source, struct err *reterr);
/* Finds faults in names and makes the rows. */
bool mustache_types_link(struct mustache_set *set, const struct view_type *const *types, struct err *reterr);
void mustache_types_done(struct mustache_set *set);
/* NULL: the type is not known, and its fields are to be compared by name. */
const uint8_t *mustache_types_row(const struct mustache_set *set, const struct view_type *type);
/* NULL: there is none. */
const struct mustache *mustache_named(const struct mustache_set *set, struct text name);

bool mustache_fault(const struct mustache *template, uint32_t line, struct err *reterr, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
