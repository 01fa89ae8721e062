#include "storage/sigv4_frame.h"

#include <stdio.h>
#include <string.h>

static const struct text SIGNATURE = {"&X-Amz-Signature=", sizeof "&X-Amz-Signature=" - 1};

static char *append(char *to, struct text t)
{
    memcpy(to, t.at, t.len);
    return to + t.len;
}

/* The query of a URL with the shortest path. */
static bool read_query(struct sigv4_frame *frame, struct sigv4 *sigv4)
{
    char url[SIGV4_FRAME_HOST_ROOM + SIGV4_FRAME_QUERY_ROOM];
    const struct sigv4_request request = {
        .method = "GET", .host = text_of(frame->host), .path = TEXT("/"), .now_s = frame->from_s};
    const char *begin, *end;

    if (!sigv4_presign(sigv4, &request, frame->scheme, frame->ttl_s, url, sizeof url))
        return false;
    begin = strchr(url, '?') + 1;
    end = strstr(begin, SIGNATURE.at);
    frame->query_len = (size_t)(end - begin);
    return text_copy(frame->query, sizeof frame->query, (struct text){begin, frame->query_len});
}

bool sigv4_frame_set(struct sigv4_frame *frame, struct sigv4 *sigv4, const char *scheme, struct text host,
                     int64_t from_s, int64_t ttl_s)
{
    if (frame->from_s == from_s && frame->ttl_s == ttl_s &&
        text_equal(host, (struct text){frame->host, frame->host_len}) && strcmp(frame->scheme, scheme) == 0)
        return true;
    *frame = (struct sigv4_frame){.from_s = from_s, .ttl_s = ttl_s, .host_len = host.len};
    sigv4_date(from_s, frame->date);
    if (text_copy(frame->scheme, sizeof frame->scheme, text_of(scheme)) &&
        text_copy(frame->host, sizeof frame->host, host) && read_query(frame, sigv4))
        return true;
    *frame = (struct sigv4_frame){0};
    return false;
}

/* The canonical request of that path. */
static size_t write_canonical(const struct sigv4_frame *frame, struct text path, char *to)
{
    char *end = append(to, TEXT("GET\n"));

    end = append(end, path);
    *end++ = '\n';
    end = append(end, (struct text){frame->query, frame->query_len});
    end = append(end, TEXT("\nhost:"));
    end = append(end, (struct text){frame->host, frame->host_len});
    end = append(end, TEXT("\n\nhost\nUNSIGNED-PAYLOAD"));
    return (size_t)(end - to);
}

size_t sigv4_frame_write(const struct sigv4_frame *frame, struct sigv4 *sigv4, struct text path, char *to, size_t room)
{
    enum { PATH_MAX_LEN = 1024, AROUND = 64 };
    char canonical[SIGV4_FRAME_HOST_ROOM + SIGV4_FRAME_QUERY_ROOM + PATH_MAX_LEN + AROUND];
    char signature[SIGV4_SIGNATURE_ROOM], *end = to;
    struct text scheme = text_of(frame->scheme);

    if (path.len > PATH_MAX_LEN || scheme.len + frame->host_len + path.len + frame->query_len + SIGNATURE.len +
                                           SIGV4_SIGNATURE_ROOM + sizeof "://?" >
                                       room)
        return 0;
    sigv4_sign(sigv4, frame->date, (struct text){canonical, write_canonical(frame, path, canonical)}, signature);
    end = append(end, scheme);
    end = append(end, TEXT("://"));
    end = append(end, (struct text){frame->host, frame->host_len});
    end = append(end, path);
    *end++ = '?';
    end = append(end, (struct text){frame->query, frame->query_len});
    end = append(end, SIGNATURE);
    end = append(end, (struct text){signature, sizeof signature - 1});
    *end = '\0';
    return (size_t)(end - to);
}
