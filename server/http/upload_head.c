#include "http/upload_head.h"

#include <string.h>

#include "http/raw_head.h"
#include "http/router.h"

/* What the lines of a head say about its body; at NULL: nothing. */
struct lines {
    struct text length, encoding; /* whole lines, without their ends */
    struct text length_value;
    struct text expect; /* its name */
    bool unsound;       /* says one of them twice, both, or folds lines: not ours to judge */
};

static void set_once(struct text *to, struct text value, struct lines *lines)
{
    lines->unsound = lines->unsound || to->at;
    *to = value;
}

static struct text without_cr(struct text line)
{
    return line.len && line.at[line.len - 1] == '\r' ? (struct text){line.at, line.len - 1} : line;
}

static void look_at(struct text line, struct lines *lines)
{
    struct text value = line, name = text_cut(&value, ':');

    lines->unsound = lines->unsound || line.at[0] == ' ' || line.at[0] == '\t';
    if (text_equal_ignoring_case(name, TEXT("content-length"))) {
        set_once(&lines->length, line, lines);
        lines->length_value = text_trim(value);
    } else if (text_equal_ignoring_case(name, TEXT("transfer-encoding"))) {
        set_once(&lines->encoding, line, lines);
    } else if (text_equal_ignoring_case(name, TEXT("expect"))) {
        lines->unsound = lines->unsound || !text_equal_ignoring_case(text_trim(value), TEXT("100-continue"));
        set_once(&lines->expect, name, lines);
    }
}

static struct lines read_lines(struct text rest)
{
    struct lines lines = {0};

    while (rest.at) {
        struct text line = without_cr(text_cut(&rest, '\n'));
        if (line.len == 0)
            break;
        look_at(line, &lines);
    }
    lines.unsound = lines.unsound || (lines.length.at && lines.encoding.at);
    return lines;
}

static size_t limit_of(const struct route *routes, struct text request_line)
{
    struct text method = text_cut(&request_line, ' '), path = text_cut(&request_line, ' ');
    struct text params[ROUTE_MAX_PARAMS];
    const struct route *route;
    bool same_path;

    if (!text_equal(method, TEXT("POST")) && !text_equal(method, TEXT("PUT")))
        return 0; /* nearly all of them */
    route = router_find(routes, method, path, params, &same_path);
    return route ? route->upload_limit : 0;
}

static void judge(const struct lines *lines, size_t limit, struct upload_head *head)
{
    uint64_t bytes;

    if (lines->unsound)
        return;
    if (lines->encoding.at)
        head->kind = UPLOAD_CHUNKED;
    else if (lines->length_value.at && text_uint64(lines->length_value, &bytes) && bytes > 0)
        head->kind = bytes > limit ? UPLOAD_TOO_LONG : UPLOAD_COMES;
    if (head->kind == UPLOAD_COMES)
        head->bytes = (int64_t)bytes;
    head->expects = lines->expect.at != NULL;
}

/* "Transfer-Encoding: chunked" and "Content-Length: 99" become a Content-Length of 0 that is as long. It stays in the
   head, because for a request with a body libh2o copies the head's values: its buffer does not stay where it is. */
static void hide(const struct lines *lines, char *head)
{
    static const char NAME[] = "content-length:";
    struct text line = lines->encoding.at ? lines->encoding : lines->length;
    char *at = head + (line.at - head);

    memset(at, ' ', line.len);
    memcpy(at, NAME, sizeof NAME - 1);
    at[line.len - 1] = '0';
    if (lines->expect.at)
        memcpy(head + (lines->expect.at - head), "x-wait", 6);
}

struct upload_head upload_head_take(const struct route *routes, char *head, size_t len)
{
    struct upload_head ret = {.len = len};
    struct text rest = raw_head_start((struct text){head, len}), request_line = text_cut(&rest, '\n');
    size_t limit = limit_of(routes, request_line);
    struct lines lines;

    if (!limit)
        return ret;
    lines = read_lines(rest);
    judge(&lines, limit, &ret);
    if (ret.kind != UPLOAD_NONE)
        hide(&lines, head);
    return ret;
}
