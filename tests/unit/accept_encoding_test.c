#include "http/accept_encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GZIP = 1 << ENCODING_GZIP, BROTLI = 1 << ENCODING_BROTLI, BOTH = GZIP | BROTLI };

/* With the header in memory that ends where it ends. */
static enum encoding chosen(const char *header, unsigned available)
{
    size_t len = strlen(header);
    char *exact = malloc(len ? len : 1);
    enum encoding encoding;

    assert_non_null(exact);
    memcpy(exact, header, len);
    encoding = encoding_accepted((struct text){exact, len}, available);
    free(exact);
    return encoding;
}

static const struct {
    const char *header;
    enum encoding of_both, of_gzip, of_none;
} CASES[] = {
    /* what browsers and tools send */
    {"gzip, deflate, br, zstd", ENCODING_BROTLI, ENCODING_GZIP, ENCODING_IDENTITY},
    {"gzip, deflate", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br", ENCODING_BROTLI, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"identity", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"*", ENCODING_BROTLI, ENCODING_GZIP, ENCODING_IDENTITY},
    {"x-gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"GZip,BR", ENCODING_BROTLI, ENCODING_GZIP, ENCODING_IDENTITY},
    {"zstd, deflate, compress", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    /* weights */
    {"br;q=0.5, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0.5, gzip;q=0.501", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0.001", ENCODING_BROTLI, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"gzip;q=0.5, identity;q=0.6", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"gzip;q=0.5", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {" br ; Q=0.000 ,\tgzip\t;\tq=1.000 ", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0., gzip;q=1.", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    /* everything else */
    {"*;q=0.5, br;q=0.1", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0, *", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"gzip, *;q=0", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"*;q=0", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"identity, *;q=0", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"identity;q=0.5, *;q=0", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    /* the plain form is refused: what else there is, or all the same the plain one */
    {"identity;q=0", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"identity;q=0, gzip;q=0.1", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"identity;q=0, *", ENCODING_BROTLI, ENCODING_GZIP, ENCODING_IDENTITY},
    /* malformed entries say nothing, the others count */
    {"br;q=2, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=1.001, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=-1, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0.1234, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0.1234", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"br;q:1", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {"br;q=, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br;q=0.5;x=1, gzip", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"br gzip", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
    {",,;,=,gzip,", ENCODING_GZIP, ENCODING_GZIP, ENCODING_IDENTITY},
    {"brr, xgzip, gzipx", ENCODING_IDENTITY, ENCODING_IDENTITY, ENCODING_IDENTITY},
};

static void chooses_what_the_reader_likes_best(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (chosen(CASES[i].header, BOTH) != CASES[i].of_both || chosen(CASES[i].header, GZIP) != CASES[i].of_gzip ||
            chosen(CASES[i].header, 0) != CASES[i].of_none)
            fail_msg("\"%s\": %d of both, %d of gzip, %d of none", CASES[i].header, chosen(CASES[i].header, BOTH),
                     chosen(CASES[i].header, GZIP), chosen(CASES[i].header, 0));
}

static void takes_a_header_that_is_not_there_for_no_wish(void **state)
{
    (void)state;
    assert_int_equal(encoding_accepted((struct text){NULL, 0}, BOTH), ENCODING_IDENTITY);
}

static void names_the_forms_as_the_header_does(void **state)
{
    (void)state;
    assert_null(encoding_name(ENCODING_IDENTITY));
    assert_string_equal(encoding_name(ENCODING_GZIP), "gzip");
    assert_string_equal(encoding_name(ENCODING_BROTLI), "br");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_what_the_reader_likes_best),
        cmocka_unit_test(takes_a_header_that_is_not_there_for_no_wish),
        cmocka_unit_test(names_the_forms_as_the_header_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
