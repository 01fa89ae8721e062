/* Where in a form the photos are. */
#include "photos/photo_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

#define PART(name, more, bytes) "--b\r\nContent-Disposition: form-data; name=\"" name "\"" more "\r\n\r\n" bytes "\r\n"
#define FILE_PART(file, bytes) PART("photo", "; filename=\"" file "\"", bytes)
#define END "--b--\r\n"

static struct photo_parts parts;
static struct faults faults;
static struct err err;

static bool read_form(const char *form, size_t len, bool takes_token)
{
    int fd = file_unnamed("/tmp", &err);
    bool ok;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, form, len), len);
    faults = (struct faults){0};
    ok = photo_parts_read(fd, (int64_t)len, TEXT("b"), takes_token, &parts, &faults, &err);
    for (int i = 0; ok && i < parts.count; i++)
        assert_memory_equal(form + parts.items[i].from, "bytes", 5);
    (void)close(fd);
    return ok;
}

static bool reads(const char *form, bool takes_token) { return read_form(form, strlen(form), takes_token); }

static void finds_each_photo_and_its_name(void **state)
{
    (void)state;
    assert_true(reads(FILE_PART("a.jpg", "bytes one") FILE_PART("x/b.png", "bytes") END, false));
    assert_int_equal(parts.count, 2);
    assert_int_equal(parts.items[0].len, 9);
    assert_int_equal(parts.items[1].len, 5);
    assert_string_equal(parts.items[0].file_name, "a.jpg");
    assert_string_equal(parts.items[1].file_name, "b.png");
    assert_true(reads(PART("photo", "", "bytes") END, false));
    assert_string_equal(parts.items[0].file_name, "");
}

/* What a form sends whose file was not chosen. */
static void no_file_is_no_photo(void **state)
{
    (void)state;
    assert_true(reads(FILE_PART("", "") FILE_PART("a.jpg", "bytes") END, false));
    assert_int_equal(parts.count, 1);
    assert_false(reads(FILE_PART("", "") END, false));
    assert_string_equal(faults.items[0].code, "no_photos");
    assert_int_equal(err.kind, ERR_NONE);
}

static void an_empty_file_with_a_name_is_one_to_judge(void **state)
{
    (void)state;
    assert_false(reads(FILE_PART("", "") FILE_PART("", "") END, false));
    faults = (struct faults){0};
    {
        static const char FORM[] = FILE_PART("empty.jpg", "") END;
        int fd = file_unnamed("/tmp", &err);
        assert_int_equal(write(fd, FORM, sizeof FORM - 1), sizeof FORM - 1);
        assert_true(photo_parts_read(fd, sizeof FORM - 1, TEXT("b"), false, &parts, &faults, &err));
        assert_true(parts.count == 1 && parts.items[0].len == 0);
        (void)close(fd);
    }
}

static void names_other_parts(void **state)
{
    (void)state;
    assert_false(reads(PART("picture", "", "x") FILE_PART("a", "bytes") END, false));
    assert_string_equal(faults.items[0].code, "part_unknown");
    assert_string_equal(faults.items[0].what, "picture");
    assert_false(reads(PART("\xff", "", "x") END, false));
    assert_string_equal(faults.items[0].what, "?");
}

static void a_token_stands_in_front_or_is_unknown(void **state)
{
    (void)state;
    assert_true(reads(PART("csrf_token", "", "secret") FILE_PART("a", "bytes") END, true));
    assert_string_equal(parts.csrf_token, "secret");
    assert_int_equal(parts.count, 1);
    assert_false(reads(FILE_PART("a", "bytes") PART("csrf_token", "", "secret") END, true));
    assert_string_equal(parts.csrf_token, "");
    assert_false(reads(PART("csrf_token", "", "secret") FILE_PART("a", "bytes") END, false));
    assert_string_equal(faults.items[0].what, "csrf_token");
}

static void what_is_no_form_says_so(void **state)
{
    (void)state;
    assert_false(reads("", false));
    assert_string_equal(err.code, "multipart_cut");
    assert_false(reads(FILE_PART("a", "bytes"), false));
    assert_string_equal(err.code, "multipart_cut");
    assert_false(reads("no form at all", false));
    assert_int_equal(err.kind, ERR_BAD_REQUEST);
}

/* Pages that were passed are given back while the scan goes on: nothing that comes behind them is lost. */
static void large_photos_are_found_where_they_are(void **state)
{
    enum { LARGE = 3 << 20 };
    CLEANUP(buf_done) struct buf form = buf_make(16 << 20);

    (void)state;
    for (int i = 0; i < 4; i++) {
        size_t begin;
        (void)buf_add_format(&form, "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"%d\"\r\n\r\n",
                             i);
        begin = form.len;
        assert_non_null(buf_reserve(&form, LARGE));
        memset(form.bytes + begin, 'x', LARGE);
        memcpy(form.bytes + begin, "bytes", 5);
        form.len += LARGE;
        (void)buf_add_text(&form, "\r\n");
    }
    (void)buf_add_text(&form, END);
    assert_true(read_form(form.bytes, form.len, false));
    assert_int_equal(parts.count, 4);
    assert_int_equal(parts.items[3].len, LARGE);
    assert_string_equal(parts.items[3].file_name, "3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_photo_and_its_name),
        cmocka_unit_test(no_file_is_no_photo),
        cmocka_unit_test(an_empty_file_with_a_name_is_one_to_judge),
        cmocka_unit_test(names_other_parts),
        cmocka_unit_test(a_token_stands_in_front_or_is_unknown),
        cmocka_unit_test(what_is_no_form_says_so),
        cmocka_unit_test(large_photos_are_found_where_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
