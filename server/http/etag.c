#include "http/etag.h"

bool etag_is_known(struct text if_none_match, struct text tag)
{
    while (if_none_match.at && if_none_match.len) {
        struct text one = text_trim(text_cut(&if_none_match, ','));
        if (text_starts(one, TEXT("W/")))
            one = (struct text){one.at + 2, one.len - 2};
        if (text_equal(one, tag) || text_equal(one, TEXT("*")))
            return true;
    }
    return false;
}
