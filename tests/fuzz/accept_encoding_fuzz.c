/* The first byte says which forms there are; behind it the header. What is chosen is there, and is refused by nobody
   who names it alone. */
#include "http/accept_encoding.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_refused(struct text header, const char *refusal, unsigned available, enum encoding refused)
{
    size_t len = strlen(refusal);
    char *longer = malloc(header.len + len);

    if (!longer)
        abort();
    memcpy(longer, header.at, header.len);
    memcpy(longer + header.len, refusal, len);
    if (encoding_accepted((struct text){longer, header.len + len}, available) == refused)
        abort();
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    unsigned available;
    struct text header;
    enum encoding encoding;

    if (!len)
        return 0;
    available = bytes[0] & ((1u << ENCODING_GZIP) | (1u << ENCODING_BROTLI));
    header = (struct text){(const char *)bytes + 1, len - 1};
    encoding = encoding_accepted(header, available);
    if (encoding != ENCODING_IDENTITY && !(available >> encoding & 1))
        abort();
    check_refused(header, ",gzip;q=0", available, ENCODING_GZIP);
    check_refused(header, ",br;q=0", available, ENCODING_BROTLI);
    if (available >> ENCODING_GZIP & 1)
        check_refused(header, ",gzip,identity;q=0", available, ENCODING_IDENTITY);
    return 0;
}
