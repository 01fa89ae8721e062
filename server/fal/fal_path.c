#include "fal/fal_path.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PARTS_MAX = 8 };

#define DIGITS "0123456789"
#define ALPHANUMERIC DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct parts {
    struct text items[PARTS_MAX];
    int count;
};

static bool only(struct text t, const char *of)
{
    for (size_t i = 0; i < t.len; i++)
        if (!strchr(of, t.at[i]))
            return false;
    return t.len > 0;
}

static bool good_part(struct text part)
{
    return only(part, ALPHANUMERIC "-_.") && !text_equal(part, TEXT(".")) && !text_equal(part, TEXT(".."));
}

/* The old form "123-alias" stands for "123/alias". */
static bool split_old_form(struct parts *parts)
{
    struct text alias = parts->items[0];
    struct text owner = text_cut(&alias, '-');

    if (!only(owner, DIGITS) || !only(alias, ALPHANUMERIC "-"))
        return false;
    *parts = (struct parts){.items = {owner, alias}, .count = 2};
    return true;
}

static bool split(const char *endpoint, struct parts *ret)
{
    struct text rest = text_of(endpoint);

    *ret = (struct parts){0};
    do {
        if (ret->count == PARTS_MAX)
            return false;
        ret->items[ret->count] = text_cut(&rest, '/');
        if (!good_part(ret->items[ret->count++]))
            return false;
    } while (rest.at);
    return ret->count > 1 || split_old_form(ret);
}

static bool join(const struct parts *parts, int count, const char *end, char *to, size_t room)
{
    size_t used = 0;

    for (int i = 0; i < count; i++) {
        if (used + parts->items[i].len + 2 > room)
            return false;
        to[used++] = '/';
        memcpy(to + used, parts->items[i].at, parts->items[i].len);
        used += parts->items[i].len;
    }
    return text_copy(to + used, room - used, text_of(end));
}

bool fal_path_submit(const char *endpoint, char *to, size_t room)
{
    struct parts parts;

    return split(endpoint, &parts) && join(&parts, parts.count, "", to, room);
}

bool fal_path_request(const char *endpoint, const char *request_id, char *to, size_t room)
{
    struct parts parts;
    char end[96];
    int base;

    if (!fal_path_is_id(request_id) || !split(endpoint, &parts))
        return false;
    base = text_equal(parts.items[0], TEXT("workflows")) || text_equal(parts.items[0], TEXT("comfy")) ? 3 : 2;
    (void)snprintf(end, sizeof end, "/requests/%s", request_id);
    return parts.count >= base && join(&parts, base, end, to, room);
}

bool fal_path_is_id(const char *request_id)
{
    return strlen(request_id) < 64 && only(text_of(request_id), ALPHANUMERIC "-_");
}
