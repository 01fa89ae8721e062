#include "http/raw_head.h"

#include "base/text.h"

/* How often the head names what may be named once. */
struct named {
    int lengths, encodings, hosts;
    bool folded;
};

/* What the connection's buffer begins with while its request is answered. Requests that came through no socket (tests)
   have no head, and one whose buffer libh2o has given away is not looked at. */
static struct text head_of(h2o_req_t *req)
{
    h2o_socket_t *sock = req->conn->callbacks->get_socket ? req->conn->callbacks->get_socket(req->conn) : NULL;
    struct text method = {req->input.method.base, req->input.method.len}, head;

    if (!sock)
        return TEXT("");
    head = raw_head_start((struct text){sock->input->bytes, sock->input->size});
    return text_starts(head, method) ? head : TEXT("");
}

static void look_at(struct text line, struct named *named)
{
    struct text name = text_cut(&line, ':');

    named->lengths += text_equal_ignoring_case(name, TEXT("content-length"));
    named->encodings += text_equal_ignoring_case(name, TEXT("transfer-encoding"));
    named->hosts += text_equal_ignoring_case(name, TEXT("host"));
}

bool raw_head_is_sound(h2o_req_t *req)
{
    struct text rest = head_of(req);
    struct named named = {0};

    (void)text_cut(&rest, '\n'); /* the request line */
    while (rest.at && rest.len && rest.at[0] != '\r' && rest.at[0] != '\n') {
        struct text line = text_cut(&rest, '\n');
        named.folded = named.folded || line.at[0] == ' ' || line.at[0] == '\t';
        look_at(line, &named);
    }
    return !named.folded && named.lengths + named.encodings <= 1 && named.hosts <= 1;
}

/* Does an empty line stand there? Its length. */
static size_t empty_line_len(struct text t)
{
    return text_starts(t, TEXT("\r\n")) ? 2 : text_starts(t, TEXT("\n")) ? 1 : 0;
}

struct text raw_head_start(struct text input)
{
    size_t skipped = empty_line_len(input);

    return (struct text){input.at + skipped, input.len - skipped};
}

size_t raw_head_len(struct text input, size_t from)
{
    struct text rest = raw_head_start(input);
    size_t back = 3; /* the end may lie across what was there and what came */

    if (from > back && input.at + from - back > rest.at)
        rest = (struct text){input.at + from - back, input.len - from + back};
    while (rest.at) {
        size_t len;
        (void)text_cut(&rest, '\n');
        if (rest.at && (len = empty_line_len(rest)))
            return (size_t)(rest.at - input.at) + len;
    }
    return 0;
}
