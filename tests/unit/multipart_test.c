/* Forms with files: what is inside, and every way in which they may be wrong. */
#include "http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define HEAD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n"
#define PART(name, bytes) "--B\r\n" HEAD(name) "\r\n" bytes "\r\n"

static struct {
    struct multipart_part parts[MULTIPART_MAX_PARTS + 1];
    int count, wanted;
} got;

static bool take(void *owner, const struct multipart_part *part)
{
    assert_ptr_equal(owner, &got);
    assert_true(got.count <= MULTIPART_MAX_PARTS);
    got.parts[got.count++] = *part;
    return got.count != got.wanted;
}

static bool read_text(struct text body, struct err *reterr)
{
    got.count = 0;
    return multipart_read(body, TEXT("B"), take, &got, reterr);
}

static bool text_is(struct text t, const char *wanted)
{
    if (!t.at || !wanted)
        return !t.at && !wanted;
    return text_equal(t, text_of(wanted));
}

/* One part, with what its head says about itself. */
static void reads(const char *body, const char *name, const char *file_name, const char *type, const char *bytes)
{
    struct err err = {0};

    if (!read_text(text_of(body), &err))
        fail_msg("%s (%s): %s", err.code, err.detail, body);
    if (got.count != 1 || !text_is(got.parts[0].name, name) || !text_is(got.parts[0].file_name, file_name) ||
        !text_is(got.parts[0].content_type, type) || !text_is(got.parts[0].bytes, bytes))
        fail_msg("%d parts from %s", got.count, body);
}

static void refuses(const char *body, const char *code)
{
    struct err err = {0};

    if (read_text(text_of(body), &err) || strcmp(err.code, code) != 0 || err.kind != ERR_BAD_REQUEST)
        fail_msg("\"%s\", not \"%s\": %s", err.code, code, body);
}

static void reads_names_types_and_bytes(void **state)
{
    (void)state;
    reads("--B\r\n" HEAD("a") "\r\nbytes\r\n--B--\r\n", "a", NULL, NULL, "bytes");
    reads("--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"f.jpg\"\r\nContent-Type:  image/jpeg "
          "\r\n\r\n"
          "\r\n\r\n--\r\n--B--",
          "photo", "f.jpg", "image/jpeg", "\r\n\r\n--");
    reads("--B\r\ncontent-disposition:form-data;NAME=a;FileName=b\r\nX-Other: x\r\n\r\nc\r\n--B--", "a", "b", NULL,
          "c");
    reads("--B\r\n" HEAD("") "\r\n\r\n--B--", "", NULL, NULL, "");
}

static void reads_many_parts_in_their_order(void **state)
{
    struct err err;

    (void)state;
    assert_true(read_text(TEXT(PART("a", "1") PART("b", "") PART("c", "3") "--B--\r\n"), &err));
    assert_int_equal(got.count, 3);
    assert_true(text_is(got.parts[0].bytes, "1"));
    assert_true(text_is(got.parts[1].bytes, ""));
    assert_true(text_is(got.parts[2].name, "c"));
    got.wanted = 2;
    assert_true(read_text(TEXT(PART("a", "1") PART("b", "") "--B\r\nwhat follows is not looked at"), &err));
    assert_int_equal(got.count, 2);
    got.wanted = 0;
    assert_true(read_text(TEXT("--B--"), &err));
    assert_int_equal(got.count, 0);
}

static void what_stands_around_the_parts_is_ignored(void **state)
{
    (void)state;
    reads("a preamble --B\r\n--Bx\r\n" PART("a", "1") "--B-- an epilogue\r\n--B\r\n", "a", NULL, NULL, "1");
    reads("\r\n" PART("a", "1") "--B--", "a", NULL, NULL, "1");
    reads("--B \t \r\n" HEAD("a") "\r\n1\r\n--B--", "a", NULL, NULL, "1"); /* padding of a transport */
}

/* Only a whole line is a boundary. */
static void what_looks_like_a_boundary_stays_in_the_bytes(void **state)
{
    (void)state;
    reads("--B\r\n" HEAD("a") "\r\n--C\r\n--Bx\r\n--B \t x\n--B--\r--B\r\n-\r\n\r\n--B--", "a", NULL, NULL,
          "--C\r\n--Bx\r\n--B \t x\n--B--\r--B\r\n-\r\n");
}

static void a_part_may_end_with_its_head(void **state)
{
    (void)state;
    reads("--B\r\n" HEAD("a") "\r\n--B--", "a", NULL, NULL, "");
}

static void bytes_may_be_any(void **state)
{
    static const char BODY[] = "--B\r\n" HEAD("a") "\r\n\0\xff\r\n\0--B\n\r\n--B--";
    struct err err;

    (void)state;
    assert_true(read_text((struct text){BODY, sizeof BODY - 1}, &err));
    assert_int_equal(got.count, 1);
    assert_true(text_equal(got.parts[0].bytes, (struct text){"\0\xff\r\n\0--B\n", 9}));
}

static void quotes_within_names_are_left_as_sent(void **state)
{
    (void)state;
    reads(
        "--B\r\nContent-Disposition: form-data; filename=\"a;\\\"b\\\"; name=\\\"x.jpg\"; name=\"n\"\r\n\r\n1\r\n--B--",
        "n", "a;\\\"b\\\"; name=\\\"x.jpg", NULL, "1");
    reads("--B\r\nContent-Disposition: form-data; name=\"n\"; filename=\"C:\\dir\\f.jpg\"\r\n\r\n1\r\n--B--", "n",
          "C:\\dir\\f.jpg", NULL, "1");
    reads("--B\r\nContent-Disposition: form-data; name=\"n\"; filename=\"\xd1\x84\\\\\"\r\n\r\n1\r\n--B--", "n",
          "\xd1\x84\\\\", NULL, "1");
    reads("--B\r\nContent-Disposition: form-data; name=\"n\"; filename=\"../../%22\"\r\n\r\n1\r\n--B--", "n",
          "../../%22", NULL, "1");
}

static void the_encoded_file_name_is_ignored(void **state)
{
    (void)state;
    reads("--B\r\nContent-Disposition: form-data; name=n; filename*=UTF-8''%2e%2e; filename=f\r\n\r\n1\r\n--B--", "n",
          "f", NULL, "1");
    reads("--B\r\nContent-Disposition: form-data; name=n; filename*=UTF-8''%2e%2e\r\n\r\n1\r\n--B--", "n", NULL, NULL,
          "1");
}

static void a_form_that_is_cut_is_noticed(void **state)
{
    static const char BODY[] = "--B\r\n" HEAD("a") "Content-Type: image/png\r\n\r\n1\r\n--B--";
    struct err err;

    (void)state;
    for (size_t len = 0; len < sizeof BODY - 1; len++)
        if (read_text((struct text){BODY, len}, &err))
            fail_msg("%zu bytes are enough", len);
    refuses(PART("a", "1") PART("b", "2"), "multipart_cut");
    refuses("--B\r\n" HEAD("a") "\r\n1\r\n--B", "multipart_cut");
    refuses("--B\r\n" HEAD("a"), "multipart_cut");
}

static void a_body_without_its_boundary_is_malformed(void **state)
{
    (void)state;
    refuses("", "multipart_malformed");
    refuses("--C\r\n" HEAD("a") "\r\n1\r\n--C--", "multipart_malformed");
    refuses("x--B--", "multipart_malformed");
    refuses("--B\n" HEAD("a") "\r\n1\r\n", "multipart_malformed"); /* a bare LF ends no line */
}

static void a_head_that_says_two_things_or_nothing_is_malformed(void **state)
{
    static const char *const HEADS[] = {
        "\r\n",
        "Content-Type: image/png\r\n\r\n",
        "Content-Disposition: attachment; name=a\r\n\r\n",
        "Content-Disposition: form-data\r\n\r\n",
        "Content-Disposition: form-data; filename=a\r\n\r\n",
        "Content-Disposition: form-data; name\r\n\r\n",
        "Content-Disposition: form-data; name=\"a\r\n\r\n",
        "Content-Disposition: form-data; name=\"a\\\"\r\n\r\n",
        "Content-Disposition: form-data; name=\"a\"b\r\n\r\n",
        "Content-Disposition: form-data; name=a; name=b\r\n\r\n",
        "Content-Disposition: form-data; name=a; filename=b; filename=c\r\n\r\n",
        "Content-Disposition: form-data; name=a; =b\r\n\r\n",
        HEAD("a") HEAD("a") "\r\n",
        HEAD("a") "Content-Type: a\r\nContent-Type: b\r\n\r\n",
        HEAD("a") " folded\r\n\r\n",
        HEAD("a") "no colon\r\n\r\n",
        HEAD("a") ": no name\r\n\r\n",
        HEAD("a") "X: a\nY: b\r\n\r\n",
        HEAD("a") "X: a\rY: b\r\n\r\n",
        HEAD("a\x01") "\r\n",
        "Content-Disposition : form-data; name=a\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof HEADS / sizeof *HEADS; i++) {
        char body[300];
        (void)snprintf(body, sizeof body, "--B\r\n%s1\r\n--B--", HEADS[i]);
        refuses(body, "multipart_malformed");
    }
}

static void add_parts(struct buf *body, int count)
{
    for (int i = 0; i < count; i++)
        assert_true(buf_add_text(body, PART("a", "1")));
    assert_true(buf_add_text(body, "--B--"));
}

static void parts_have_a_limit(void **state)
{
    CLEANUP(buf_done) struct buf most = buf_make(1 << 20), many = buf_make(1 << 20);
    struct err err;

    (void)state;
    add_parts(&most, MULTIPART_MAX_PARTS);
    assert_true(read_text(text_of(most.bytes), &err));
    assert_int_equal(got.count, MULTIPART_MAX_PARTS);
    add_parts(&many, 1000);
    refuses(many.bytes, "multipart_too_many_parts");
    assert_int_equal(got.count, MULTIPART_MAX_PARTS);
}

/* A part whose file name has so many bytes. */
static const char *named(struct buf *body, int len)
{
    buf_clear(body);
    assert_true(buf_add_format(
        body, "--B\r\nContent-Disposition: form-data; name=a; filename=\"../%0*d\"\r\n\r\n1\r\n--B--", len - 3, 0));
    return body->bytes;
}

static void heads_of_parts_have_a_limit(void **state)
{
    CLEANUP(buf_done) struct buf body = buf_make(1 << 20);
    struct err err;

    (void)state;
    assert_true(read_text(text_of(named(&body, 10 * 1024)), &err));
    assert_int_equal(got.parts[0].file_name.len, 10 * 1024);
    refuses(named(&body, MULTIPART_MAX_HEAD), "multipart_head_too_large");
    buf_clear(&body);
    assert_true(buf_add_format(&body, "--B\r\n%0*d", 2 * MULTIPART_MAX_HEAD, 0));
    refuses(body.bytes, "multipart_head_too_large");
}

static void finds_the_boundary_of_a_content_type(void **state)
{
    static const char *const TYPES[][2] = {
        {"multipart/form-data; boundary=B", "B"},
        {"Multipart/Form-Data ;Boundary=\"B 1\"", "B 1"},
        {"multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundary7MA4YWxk ; x=\"a;b\"",
         "----WebKitFormBoundary7MA4YWxk"},
        {"multipart/form-data; x=\"; boundary=A\"; boundary=B;", "B"},
        {"multipart/form-data; boundary=a/b:c=d?", "a/b:c=d?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        struct text boundary;
        struct err err = {0};
        if (!multipart_boundary(text_of(TYPES[i][0]), &boundary, &err) || !text_is(boundary, TYPES[i][1]))
            fail_msg("%s: %s", err.code, TYPES[i][0]);
    }
}

static void refuses_type(const char *type, enum err_kind kind, const char *code)
{
    struct text boundary;
    struct err err = {0};

    if (multipart_boundary(text_of(type), &boundary, &err) || err.kind != kind || strcmp(err.code, code) != 0)
        fail_msg("\"%s\": %s", err.code, type);
}

static void a_boundary_that_is_none_is_refused(void **state)
{
    static const char *const TYPES[] = {
        "multipart/form-data",
        "multipart/form-data;",
        "multipart/form-data; boundary",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"B",
        "multipart/form-data; boundary=\"B\"C",
        "multipart/form-data; boundary=\"B \"",
        "multipart/form-data; boundary=\"B\\\"C\"",
        "multipart/form-data; boundary=B\r\nC",
        "multipart/form-data; boundary=B; boundary=C",
        "multipart/form-data; boundary=\xd1\x84",
        "multipart/form-data; boundary=12345678901234567890123456789012345678901234567890123456789012345678901",
    };

    (void)state;
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        refuses_type(TYPES[i], ERR_BAD_REQUEST, "multipart_no_boundary");
    refuses_type("multipart/mixed; boundary=B", ERR_MEDIA_TYPE, "upload_expected");
    refuses_type("application/json", ERR_MEDIA_TYPE, "upload_expected");
    refuses_type("", ERR_MEDIA_TYPE, "upload_expected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_names_types_and_bytes),
        cmocka_unit_test(reads_many_parts_in_their_order),
        cmocka_unit_test(what_stands_around_the_parts_is_ignored),
        cmocka_unit_test(what_looks_like_a_boundary_stays_in_the_bytes),
        cmocka_unit_test(a_part_may_end_with_its_head),
        cmocka_unit_test(bytes_may_be_any),
        cmocka_unit_test(quotes_within_names_are_left_as_sent),
        cmocka_unit_test(the_encoded_file_name_is_ignored),
        cmocka_unit_test(a_form_that_is_cut_is_noticed),
        cmocka_unit_test(a_body_without_its_boundary_is_malformed),
        cmocka_unit_test(a_head_that_says_two_things_or_nothing_is_malformed),
        cmocka_unit_test(parts_have_a_limit),
        cmocka_unit_test(heads_of_parts_have_a_limit),
        cmocka_unit_test(finds_the_boundary_of_a_content_type),
        cmocka_unit_test(a_boundary_that_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
