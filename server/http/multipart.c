#include "http/multipart.h"

#include <string.h>

enum { MAX_BOUNDARY = 70 /* RFC 2046, 5.1.1 */ };

static struct text behind(struct text t, size_t len) { return (struct text){t.at + len, t.len - len}; }

/* One parameter of a header's value: name, then value without its quotes. */
struct parameter {
    struct text name, value;
};

/* The length of a quoted-string's inside; t begins behind its quote. SIZE_MAX: it does not end. A backslash before
   anything but a quote or another backslash stands for itself, in a Windows path. */
static size_t quoted_len(struct text t)
{
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] == '"')
            return i;
        if (t.at[i] == '\\' && i + 1 < t.len && (t.at[i + 1] == '"' || t.at[i + 1] == '\\'))
            i++;
    }
    return SIZE_MAX;
}

static bool is_token(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (t.at[i] <= ' ' || t.at[i] == 127 || strchr("()<>@,;:\\\"/[]?=", t.at[i]))
            return false;
    return t.len > 0;
}

static bool is_blank(struct text t) { return text_trim(t).len == 0; }

/* Takes "name=value" from the front of *rest, up to the next ';' or the end. */
static bool next_parameter(struct text *rest, struct parameter *ret)
{
    const char *equals = memchr(rest->at, '=', rest->len);
    size_t len;

    if (!equals)
        return false;
    ret->name = text_trim((struct text){rest->at, (size_t)(equals - rest->at)});
    *rest = text_trim(behind(*rest, (size_t)(equals - rest->at) + 1));
    if (rest->len == 0 || rest->at[0] != '"') {
        ret->value = text_trim(text_cut(rest, ';'));
        return is_token(ret->name);
    }
    *rest = behind(*rest, 1);
    if ((len = quoted_len(*rest)) == SIZE_MAX)
        return false;
    ret->value = (struct text){rest->at, len};
    *rest = behind(*rest, len + 1);
    return is_token(ret->name) && is_blank(text_cut(rest, ';'));
}

static bool no_boundary(struct err *reterr)
{
    return err_set(reterr, ERR_BAD_REQUEST, "multipart_no_boundary", "no boundary, or none of RFC 2046");
}

static bool boundary_is_sound(struct text boundary)
{
    static const char ALLOWED[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";

    if (boundary.len == 0 || boundary.len > MAX_BOUNDARY || boundary.at[boundary.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < boundary.len; i++)
        if (!memchr(ALLOWED, boundary.at[i], sizeof ALLOWED - 1))
            return false;
    return true;
}

bool multipart_boundary(struct text content_type, struct text *ret, struct err *reterr)
{
    struct text type = text_trim(text_cut(&content_type, ';')), found = {0};
    struct parameter parameter;

    if (!text_equal_ignoring_case(type, TEXT("multipart/form-data")))
        return err_set(reterr, ERR_MEDIA_TYPE, "upload_expected", "not multipart/form-data");
    while (content_type.at && !is_blank(content_type)) {
        if (!next_parameter(&content_type, &parameter))
            return no_boundary(reterr);
        if (!text_equal_ignoring_case(parameter.name, TEXT("boundary")))
            continue;
        if (found.at)
            return no_boundary(reterr); /* which one? */
        found = parameter.value;
    }
    if (!boundary_is_sound(found))
        return no_boundary(reterr);
    *ret = found;
    return true;
}

static bool malformed(struct err *reterr, const char *why)
{
    return err_set(reterr, ERR_BAD_REQUEST, "multipart_malformed", "%s", why);
}

/* Fills in once: the same thing twice is a trap for whoever reads the other one. */
static bool set_once(struct text *to, struct text value)
{
    if (to->at)
        return false;
    *to = value;
    return true;
}

static bool read_disposition(struct text value, struct multipart_part *part)
{
    struct parameter parameter;

    if (!text_equal_ignoring_case(text_trim(text_cut(&value, ';')), TEXT("form-data")))
        return false;
    while (value.at && !is_blank(value)) {
        if (!next_parameter(&value, &parameter))
            return false;
        if (text_equal_ignoring_case(parameter.name, TEXT("name")) && !set_once(&part->name, parameter.value))
            return false;
        if (text_equal_ignoring_case(parameter.name, TEXT("filename")) && !set_once(&part->file_name, parameter.value))
            return false;
    }
    return part->name.at != NULL;
}

static bool has_control(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (((unsigned char)t.at[i] < ' ' && t.at[i] != '\t') || t.at[i] == 127)
            return true;
    return false;
}

static bool read_line(struct text line, bool *disposed, struct multipart_part *part)
{
    struct text value = line, name = text_cut(&value, ':');

    if (!value.at || !is_token(name) || has_control(value))
        return false;
    value = text_trim(value);
    if (text_equal_ignoring_case(name, TEXT("content-type")))
        return set_once(&part->content_type, value);
    if (!text_equal_ignoring_case(name, TEXT("content-disposition")))
        return true;
    if (*disposed)
        return false;
    return *disposed = read_disposition(value, part);
}

static const char *find(struct text in, struct text what)
{
    return in.len ? memmem(in.at, in.len, what.at, what.len) : NULL;
}

/* Reads the lines up to the empty one, and leaves *rest before its CRLF: a boundary may follow at once. */
static bool read_head(struct text *rest, struct multipart_part *part, struct err *reterr)
{
    struct text head = {rest->at, rest->len < MULTIPART_MAX_HEAD ? rest->len : MULTIPART_MAX_HEAD};
    bool disposed = false;

    for (;;) {
        const char *end = find(head, TEXT("\r\n"));
        struct text line = {head.at, end ? (size_t)(end - head.at) : 0};
        if (!end && rest->len > MULTIPART_MAX_HEAD)
            return err_set(reterr, ERR_BAD_REQUEST, "multipart_head_too_large", "over %d bytes", MULTIPART_MAX_HEAD);
        if (!end)
            return err_set(reterr, ERR_BAD_REQUEST, "multipart_cut", "within the headers of a part");
        if (line.len == 0)
            break;
        head = behind(head, line.len + 2);
        if (!read_line(line, &disposed, part))
            return malformed(reterr, "a header of a part");
    }
    *rest = behind(*rest, (size_t)(head.at - rest->at));
    return disposed || malformed(reterr, "a part without a name");
}

enum { NOT_THE_END, PART_FOLLOWS, LAST };

/* rest stands behind "--" and the boundary: what kind is it, and how long is what belongs to it? */
static int kind_of_boundary(struct text rest, size_t *ret_len)
{
    size_t blanks = 0;

    if (text_starts(rest, TEXT("--"))) {
        *ret_len = 2;
        return LAST;
    }
    while (blanks < rest.len && (rest.at[blanks] == ' ' || rest.at[blanks] == '\t'))
        blanks++;
    *ret_len = blanks + 2;
    return text_starts(behind(rest, blanks), TEXT("\r\n")) ? PART_FOLLOWS : NOT_THE_END;
}

/* Moves behind the next line that is a boundary, and says of which kind; *ret is what came before it. NOT_THE_END:
   there is none. mark is CRLF "--" boundary. */
static int skip_boundary(struct text *rest, struct text mark, struct text *ret)
{
    struct text left = *rest;
    const char *found;
    size_t len;

    while ((found = find(left, mark))) {
        left = behind(left, (size_t)(found - left.at) + mark.len);
        int kind = kind_of_boundary(left, &len);
        if (kind != NOT_THE_END) {
            *ret = (struct text){rest->at, (size_t)(found - rest->at)};
            *rest = behind(left, len);
            return kind;
        }
    }
    return NOT_THE_END;
}

/* The first boundary may stand at the very beginning, without the end of a line before it. */
static int skip_preamble(struct text *rest, struct text mark)
{
    struct text left = *rest, preamble;
    size_t len;

    if (text_starts(left, behind(mark, 2))) {
        int kind = kind_of_boundary(behind(left, mark.len - 2), &len);
        if (kind != NOT_THE_END) {
            *rest = behind(left, mark.len - 2 + len);
            return kind;
        }
    }
    return skip_boundary(rest, mark, &preamble);
}

static bool read_parts(struct text rest, struct text mark, bool (*take)(void *owner, const struct multipart_part *part),
                       void *owner, struct err *reterr)
{
    int kind = skip_preamble(&rest, mark);

    if (kind == NOT_THE_END)
        return malformed(reterr, "no boundary in the body");
    for (int count = 0; kind == PART_FOLLOWS; count++) {
        struct multipart_part part = {0};
        if (count == MULTIPART_MAX_PARTS)
            return err_set(reterr, ERR_BAD_REQUEST, "multipart_too_many_parts", "over %d", MULTIPART_MAX_PARTS);
        if (!read_head(&rest, &part, reterr))
            return false;
        if ((kind = skip_boundary(&rest, mark, &part.bytes)) == NOT_THE_END)
            return err_set(reterr, ERR_BAD_REQUEST, "multipart_cut", "within part %d", count + 1);
        part.bytes = part.bytes.len ? behind(part.bytes, 2) : part.bytes; /* the empty line behind the head */
        if (!take(owner, &part))
            return true;
    }
    return true;
}

bool multipart_read(struct text body, struct text boundary,
                    bool (*take)(void *owner, const struct multipart_part *part), void *owner, struct err *reterr)
{
    char mark[4 + MAX_BOUNDARY] = "\r\n--";

    if (!boundary_is_sound(boundary))
        return no_boundary(reterr);
    memcpy(mark + 4, boundary.at, boundary.len);
    return read_parts(body, (struct text){mark, 4 + boundary.len}, take, owner, reterr);
}
