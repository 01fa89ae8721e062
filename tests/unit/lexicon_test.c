/* The data file of moderation with a fault in it: refused at start, with file and place. */
#include "moderation/lexicon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"

/* %s: the words of a category, in English and Russian; what is allowed. */
static const char FILE_FORMAT[] =
    "{\"categories\": [{\"name\": \"violence\", \"title\": {\"ru\": \"насилие\", \"en\": \"violence\"}, "
    "\"sexualises\": "
    "false, \"words\": {\"en\": [%s], \"ru\": [%s]}, \"deniable\": {\"en\": [], \"ru\": []}}],"
    " \"combination\": {\"name\": \"minors\", \"title\": {\"ru\": \"дети\", \"en\": \"minors\"},"
    " \"young\": {\"en\": [\"child\"], \"ru\": []}, \"sexual\": {\"en\": [\"sexy\"], \"ru\": []}},"
    " \"allowed\": {\"en\": [%s], \"ru\": []}, \"denials\": {\"en\": [\"=no\"], \"ru\": []},"
    " \"links\": {\"en\": [], \"ru\": []}, \"tails\": {\"en\": [], \"ru\": []}}";

static struct lexicon *open_bytes(const char *bytes, struct err *reterr)
{
    char path[] = "/tmp/aisha-words-XXXXXX";
    struct lexicon *lexicon;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
    (void)close(fd);
    lexicon = lexicon_open(path, reterr);
    (void)unlink(path);
    return lexicon;
}

static struct lexicon *open_words(const char *en, const char *ru, const char *allowed, struct err *reterr)
{
    char bytes[8192];

    assert_true((size_t)snprintf(bytes, sizeof bytes, FILE_FORMAT, en, ru, allowed) < sizeof bytes);
    return open_bytes(bytes, reterr);
}

static void opens_what_has_no_fault(void **state)
{
    struct err err;
    struct lexicon *lexicon =
        open_words("\"blood\", \"=gore\", \"shot in the head\"", "\"кровь\"", "\"blood moon\"", &err);

    (void)state;
    assert_non_null(lexicon);
    assert_string_equal(lexicon_category(lexicon, 0)->name, "violence");
    assert_string_equal(lexicon_category(lexicon, lexicon_combination(lexicon))->name, "minors");
    assert_null(lexicon_category(lexicon, 2));
    assert_null(lexicon_category(lexicon, -1));
    lexicon_close(lexicon);
    lexicon_close(NULL);
}

static void refuses_words_with_a_fault_and_says_where_they_are(void **state)
{
    static const struct {
        const char *en, *ru, *allowed, *place;
    } BROKEN[] = {
        {"\"blood\", \"bloods\"", "", "", "categories[0].words.en[1]: “bloods”: stands there already"},
        {"\"blood\"", "", "\"blood\"", "allowed.en[0]: “blood”: stands there already"},
        {"\"кровь\"", "", "", "categories[0].words.en[0]: “кровь”: not words of this language"},
        {"", "\"blood\"", "", "categories[0].words.ru[0]: “blood”: not words of this language"},
        {"\"well-hung\"", "", "", "categories[0].words.en[0]: “well-hung”: not words of this language"},
        {"\"two  spaces\"", "", "", "categories[0].words.en[0]: “two  spaces”: not words of this language"},
        {"\"a b c d e f g\"", "", "", "too many words"},
        {"\"\"", "", "", "categories[0].words.en[0]: bad_item"},
        {"7", "", "", "categories[0].words.en[0]: bad_item"},
        {"\"blood\"", "", "8", "allowed.en[0]: bad_item"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof BROKEN / sizeof *BROKEN; i++) {
        struct err err = {0};
        struct lexicon *lexicon = open_words(BROKEN[i].en, BROKEN[i].ru, BROKEN[i].allowed, &err);
        if (lexicon || !strstr(err.detail, "/aisha-words-") || !strstr(err.detail, BROKEN[i].place))
            fail_msg("%s: %s", BROKEN[i].place, lexicon ? "accepted" : err.detail);
        assert_string_equal(err.code, "data_file");
        assert_int_equal(err.kind, ERR_INTERNAL);
    }
}

static void refuses_files_of_another_shape(void **state)
{
    static const char *const FILES[] = {"", "[]", "{}", "{\"categories\": []}", "{\"words\": 1}"};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
        assert_null(open_bytes(FILES[i], &err));
    assert_null(lexicon_open("/tmp/aisha-there-is-no-such-file.json", &err));
    assert_string_equal(err.code, "data_file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_has_no_fault),
        cmocka_unit_test(refuses_words_with_a_fault_and_says_where_they_are),
        cmocka_unit_test(refuses_files_of_another_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
