#include "styles/style_words.h"

#include <string.h>

/* How long the placeholder is that t begins with, braces included; 0: it begins with none. */
static size_t placeholder_length(struct text t)
{
    size_t at = 1;

    if (!t.len || t.at[0] != '{')
        return 0;
    while (at < t.len && ((t.at[at] >= 'a' && t.at[at] <= 'z') || t.at[at] == '_'))
        at++;
    return at > 1 && at < t.len && t.at[at] == '}' ? at + 1 : 0;
}

bool style_words_next(struct text *rest, struct style_piece *ret)
{
    size_t len = placeholder_length(*rest);

    if (!rest->len)
        return false;
    ret->is_placeholder = len > 0;
    if (len) {
        ret->text = (struct text){rest->at + 1, len - 2};
    } else {
        for (len = 1; len < rest->len; len++)
            if (placeholder_length((struct text){rest->at + len, rest->len - len}))
                break;
        ret->text = (struct text){rest->at, len};
    }
    *rest = (struct text){rest->at + len, rest->len - len};
    return true;
}

static const char *by_gender(const char *gender, const char *male, const char *female, const char *other)
{
    if (gender && strcmp(gender, "male") == 0)
        return male;
    return gender && strcmp(gender, "female") == 0 ? female : other;
}

const char *style_words_subject(const char *gender) { return by_gender(gender, "man", "woman", "person"); }

const char *style_words_their(const char *gender) { return by_gender(gender, "his", "her", "their"); }
