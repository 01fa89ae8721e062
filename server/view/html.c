#include "view/html.h"

static const char *escaped(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

bool html_text(struct buf *out, struct text text)
{
    size_t done = 0;

    for (size_t at = 0; at < text.len; at++) {
        const char *instead = escaped(text.at[at]);
        if (!instead)
            continue;
        if (!buf_add(out, text.at + done, at - done) || !buf_add_text(out, instead))
            return false;
        done = at + 1;
    }
    return done == text.len || buf_add(out, text.at + done, text.len - done);
}
