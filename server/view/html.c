#include "view/html.h"

/* 0 for what stays as it is; for the others where theirs is in ESCAPED. */
static const unsigned char PLACE[256] = {['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5};
static const struct text ESCAPED[] = {{"", 0}, {"&amp;", 5}, {"&lt;", 4}, {"&gt;", 4}, {"&quot;", 6}, {"&#39;", 5}};

/* Where the next one to be escaped stands, or the end. */
static size_t next_escaped(struct text text, size_t at)
{
    const unsigned char *c = (const unsigned char *)text.at;

    while (at + 4 <= text.len && !(PLACE[c[at]] | PLACE[c[at + 1]] | PLACE[c[at + 2]] | PLACE[c[at + 3]]))
        at += 4;
    while (at < text.len && !PLACE[c[at]])
        at++;
    return at;
}

bool html_text(struct buf *out, struct text text)
{
    size_t done = 0;

    for (size_t at = next_escaped(text, 0); at < text.len; at = next_escaped(text, done)) {
        unsigned char place = PLACE[(unsigned char)text.at[at]];
        if (!buf_add(out, text.at + done, at - done) || !buf_add(out, ESCAPED[place].at, ESCAPED[place].len))
            return false;
        done = at + 1;
    }
    return done == text.len || buf_add(out, text.at + done, text.len - done);
}
