#include "view/mustache_scan.h"

#include <string.h>

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static struct text trim(struct text t)
{
    while (t.len && is_space(t.at[0]))
        t.at++, t.len--;
    while (t.len && is_space(t.at[t.len - 1]))
        t.len--;
    return t;
}

struct mustache_scan mustache_scan_begin(struct text source)
{
    return (struct mustache_scan){source, 0, 1, "{{", "}}", 2, 2};
}

static void fault(struct mustache_token *ret, const char *why)
{
    ret->kind = MUSTACHE_FAULT;
    ret->why = why;
}

static bool has_at(const struct mustache_scan *scan, size_t at, const char *what, size_t len)
{
    return len <= scan->source.len - at && memcmp(scan->source.at + at, what, len) == 0;
}

/* Moves over what lies before scan->at + len. */
static void move(struct mustache_scan *scan, size_t len)
{
    for (size_t end = scan->at + len; scan->at < end; scan->at++)
        if (scan->source.at[scan->at] == '\n')
            scan->line++;
}

static void next_text(struct mustache_scan *scan, struct mustache_token *ret)
{
    const char *from = scan->source.at + scan->at;
    size_t len = scan->source.len - scan->at;
    const char *line_break = memchr(from, '\n', len), *tag;

    if (line_break)
        len = (size_t)(line_break - from) + 1;
    tag = memmem(from, len, scan->open, scan->open_len);
    if (tag)
        len = (size_t)(tag - from);
    ret->kind = MUSTACHE_TEXT;
    ret->text = (struct text){from, len};
    move(scan, len);
}

static bool take_delimiter(struct text *rest, char *delimiter, size_t *len)
{
    size_t n = 0;

    while (n < rest->len && !is_space(rest->at[n]) && rest->at[n] != '=')
        n++;
    if (n == 0 || n > MUSTACHE_MAX_DELIMITER)
        return false;
    memcpy(delimiter, rest->at, n);
    *len = n;
    *rest = trim((struct text){rest->at + n, rest->len - n});
    return true;
}

/* {{=<% %>=}}: content is what stands between the two =. */
static void change_delimiters(struct mustache_scan *scan, struct mustache_token *ret)
{
    struct text rest = ret->text;

    if (!take_delimiter(&rest, scan->open, &scan->open_len) || !take_delimiter(&rest, scan->close, &scan->close_len) ||
        rest.len)
        fault(ret, "delimiters are two pieces of at most 15 characters without = and blanks: {{=<% %>=}}");
}

static const char *NAME_FAULTS[] = {"a tag without a name", "a name may not have blanks in it",
                                    "a name may not begin with a sign: is there a blank in front of it?",
                                    "a name with an empty part", "a name is too long"};

static const char *name_fault(struct text name)
{
    if (name.len == 0)
        return NAME_FAULTS[0];
    if (name.len > MUSTACHE_MAX_TAG)
        return NAME_FAULTS[4];
    for (size_t i = 0; i < name.len; i++)
        if (is_space(name.at[i]) || name.at[i] == '\0')
            return NAME_FAULTS[1];
    if (memchr("#^/><$&!={", name.at[0], 10))
        return NAME_FAULTS[2];
    if (name.len == 1 && name.at[0] == '.')
        return NULL;
    if (name.at[0] == '.' || name.at[name.len - 1] == '.' || memmem(name.at, name.len, "..", 2))
        return NAME_FAULTS[3];
    return NULL;
}

static void read_name(struct mustache_token *ret, struct text content)
{
    const char *why;

    ret->text = trim(content);
    if (memchr("></", ret->sigil, 3) && ret->text.len && ret->text.at[0] == '*') {
        ret->dynamic = true;
        ret->text = trim((struct text){ret->text.at + 1, ret->text.len - 1});
    }
    why = name_fault(ret->text);
    if (why)
        fault(ret, why);
}

/* What ends a tag: {{{a}}} and {{=a b=}} have a byte of their own in front of the delimiter. */
static size_t ending(const struct mustache_scan *scan, char sigil, char *ret)
{
    size_t extra = sigil == '{' || sigil == '=';

    if (extra)
        ret[0] = sigil == '{' ? '}' : '=';
    memcpy(ret + extra, scan->close, scan->close_len);
    return scan->close_len + extra;
}

static void next_tag(struct mustache_scan *scan, struct mustache_token *ret)
{
    char end[MUSTACHE_MAX_DELIMITER + 2], sigil;
    struct text content;
    const char *found;
    size_t end_len, from = scan->at + scan->open_len;

    sigil = from < scan->source.len ? scan->source.at[from] : '\0';
    sigil = sigil && memchr("#^/><$&!={", sigil, 10) ? sigil : 'v';
    from += sigil != 'v';
    end_len = ending(scan, sigil, end);
    found = memmem(scan->source.at + from, scan->source.len - from, end, end_len);
    if (!found) {
        fault(ret, "a tag is not closed");
        return;
    }
    content = (struct text){scan->source.at + from, (size_t)(found - scan->source.at) - from};
    move(scan, from - scan->at + content.len + end_len);
    *ret = (struct mustache_token){MUSTACHE_TAG, sigil == '{' ? '&' : sigil, .at = ret->at, .line = ret->line};
    if (sigil == '=') {
        ret->text = trim(content);
        change_delimiters(scan, ret);
    } else if (sigil != '!')
        read_name(ret, content);
}

void mustache_scan_next(struct mustache_scan *scan, struct mustache_token *ret)
{
    *ret = (struct mustache_token){MUSTACHE_END, .at = scan->at, .line = scan->line};
    if (scan->at == scan->source.len)
        return;
    if (has_at(scan, scan->at, scan->open, scan->open_len))
        next_tag(scan, ret);
    else
        next_text(scan, ret);
}

static size_t blanks(const struct mustache_scan *scan)
{
    size_t at = scan->at;

    while (at < scan->source.len && (scan->source.at[at] == ' ' || scan->source.at[at] == '\t'))
        at++;
    return at - scan->at;
}

/* What the tags of a line have been so far. */
struct tags {
    int count, partials, parents;
    int block; /* how many are open since a block was opened here that is no argument of a parent */
};

/* Does the tag leave a line standalone? A block that begins and ends in one line writes there. */
static bool may_stand_alone(struct tags *tags, char sigil)
{
    tags->count++;
    tags->partials += sigil == '>';
    tags->parents += sigil == '<';
    if (tags->block && sigil == '/' && --tags->block == 0)
        return false;
    if (memchr("#^<$", sigil, 4) && (tags->block || (sigil == '$' && !tags->parents)))
        tags->block++;
    return sigil != 'v' && sigil != '&' && (!tags->partials || tags->count == 1);
}

static bool at_line_end(const struct mustache_scan *scan, size_t *end)
{
    size_t at = scan->at, len = scan->source.len;

    if (at < len && scan->source.at[at] == '\r' && at + 1 < len && scan->source.at[at + 1] == '\n')
        at++;
    *end = at < len ? at + 1 : at;
    return at == len || scan->source.at[at] == '\n';
}

bool mustache_scan_ends_line(const struct mustache_scan *scan, size_t *end)
{
    struct mustache_scan ahead = *scan;

    ahead.at += blanks(scan);
    return at_line_end(&ahead, end);
}

void mustache_scan_line(const struct mustache_scan *scan, struct mustache_line *ret)
{
    struct mustache_scan ahead = *scan;
    struct mustache_token token;
    struct tags tags = {0};

    *ret = (struct mustache_line){.first = scan->at + blanks(scan)};
    ret->indent = (struct text){scan->source.at + scan->at, ret->first - scan->at};
    for (;;) {
        ahead.at += blanks(&ahead);
        if (at_line_end(&ahead, &ret->end)) {
            ret->standalone = tags.count > 0;
            return;
        }
        if (!has_at(&ahead, ahead.at, ahead.open, ahead.open_len))
            return;
        mustache_scan_next(&ahead, &token);
        if (token.kind != MUSTACHE_TAG || !may_stand_alone(&tags, token.sigil))
            return;
    }
}
