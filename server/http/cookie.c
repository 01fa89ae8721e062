#include "http/cookie.h"

bool cookie_find(struct text header, const char *name, struct text *ret)
{
    struct text wanted = text_of(name);

    while (header.at) {
        struct text value = text_cut(&header, ';');
        struct text have = text_trim(text_cut(&value, '='));
        if (value.at && text_equal(have, wanted)) {
            *ret = text_trim(value);
            return true;
        }
    }
    return false;
}
