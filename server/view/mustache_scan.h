#pragma once
/* A template's source cut into texts and tags, and which of its lines have nothing but tags. */
#include "base/text.h"

enum { MUSTACHE_MAX_DELIMITER = 15, MUSTACHE_MAX_TAG = 300 /* bytes; comments may be longer */ };

/* A copy looks ahead without moving the original. */
struct mustache_scan {
    struct text source;
    size_t at;
    uint32_t line; /* of at, from 1 */
    char open[MUSTACHE_MAX_DELIMITER + 1], close[MUSTACHE_MAX_DELIMITER + 1];
    size_t open_len, close_len;
};

enum mustache_token_kind { MUSTACHE_END, MUSTACHE_TEXT, MUSTACHE_TAG, MUSTACHE_FAULT };
struct mustache_token {
    enum mustache_token_kind kind;
    char sigil;       /* of a tag: one of # ^ / > < $ & ! = or 'v' for a plain variable; {{{ is & */
    bool dynamic;     /* {{>*name}}; the name is without the star */
    struct text text; /* a text, to the end of its line at most; the name of a tag, trimmed */
    size_t at;        /* where the tag begins */
    uint32_t line;    /* where it begins */
    const char *why;  /* MUSTACHE_FAULT */
};

/* A line, from its first byte up to the line break behind the last tag that begins in it. */
struct mustache_line {
    bool standalone;    /* nothing but white space and tags that write nothing in their place: it leaves no trace */
    size_t first, end;  /* where the first byte that is no blank stands; of a standalone line: behind its line break */
    struct text indent; /* the blanks in front of that byte */
};

struct mustache_scan mustache_scan_begin(struct text source);
/* Delimiters change as they are met. */
void mustache_scan_next(struct mustache_scan *scan, struct mustache_token *ret);
/* scan stands at the beginning of a line. */
void mustache_scan_line(const struct mustache_scan *scan, struct mustache_line *ret);
/* Blanks only from scan to the end of its line? *end is then behind the line break. */
bool mustache_scan_ends_line(const struct mustache_scan *scan, size_t *end);
