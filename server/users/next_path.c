#include "users/next_path.h"

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '~' || c == '-';
}

static bool path_fits(struct text path)
{
    for (size_t i = 1; i < path.len; i++)
        if (!is_plain(path.at[i]) && !(path.at[i] == '/' && i > 1))
            return false;
    return path.len > 0 && path.at[0] == '/';
}

static bool query_fits(struct text query)
{
    for (size_t i = 0; i < query.len; i++)
        if (!is_plain(query.at[i]) && query.at[i] != '=' && query.at[i] != '&')
            return false;
    return true;
}

bool next_path_is_safe(struct text path)
{
    struct text query = path;

    if (path.len > NEXT_PATH_MAX)
        return false;
    path = text_cut(&query, '?');
    return path_fits(path) && query_fits(query);
}
