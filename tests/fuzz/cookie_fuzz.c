/* A name up to the first newline, and behind it the header: what is found lies inside, and stands where it was found.
 */
#include "http/cookie.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text header = {(const char *)bytes, len}, name = text_cut(&header, '\n'), value;
    char wanted[64];

    if (!header.at || !text_copy(wanted, sizeof wanted, name) || !cookie_find(header, wanted, &value))
        return 0;
    if (value.at < header.at || value.at + value.len > header.at + header.len)
        abort();
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] == ';')
            abort();
    return 0;
}
