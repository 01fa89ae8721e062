#include "redis/redis_url.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { DEFAULT_PORT = 6379, MAX_DATABASE = 65535, MAX_SOCKET_PATH = 107 };

static const char USAGE[] = "REDIS_URL must be redis://[user:password@]host[:port][/database] or unix:/path";

/* "user:password"; without a colon it is the password alone. */
static bool read_login(struct text login, struct redis_url *ret)
{
    struct text password = login, user = text_cut(&password, ':');

    if (!password.at) {
        password = user;
        user = TEXT("");
    }
    return text_percent_decode(user, ret->user, sizeof ret->user) &&
           text_percent_decode(password, ret->password, sizeof ret->password) && *ret->password;
}

/* What stands before the last '@' is the login. */
static bool take_login(struct text *rest, struct redis_url *ret)
{
    const char *at = memrchr(rest->at, '@', rest->len);
    struct text login;

    if (!at)
        return true;
    login = (struct text){rest->at, (size_t)(at - rest->at)};
    *rest = (struct text){at + 1, rest->len - login.len - 1};
    return read_login(login, ret);
}

static bool read_database(struct text t, struct redis_url *ret)
{
    int64_t number = 0;

    if (t.len && !text_int64(t, 0, MAX_DATABASE, &number))
        return false;
    (void)snprintf(ret->database, sizeof ret->database, "%d", (int)number);
    return true;
}

/* "host:port", "[::1]:port", each without the port. */
static bool read_host(struct text t, struct redis_url *ret)
{
    struct text host, port = {0};
    const char *end = t.len && t.at[0] == '[' ? memchr(t.at, ']', t.len) : NULL;
    int64_t number = DEFAULT_PORT;

    if (end) {
        host = (struct text){t.at + 1, (size_t)(end - t.at) - 1};
        port = (struct text){end + 1, t.len - host.len - 2};
        if (port.len && *port.at != ':')
            return false;
        if (port.len)
            port = (struct text){port.at + 1, port.len - 1};
        else
            port.at = NULL;
    } else {
        port = t;
        host = text_cut(&port, ':');
    }
    if (!host.len || (port.at && !text_int64(port, 1, 65535, &number)))
        return false;
    ret->port = (int)number;
    return text_copy(ret->place, sizeof ret->place, host);
}

static bool read_tcp(struct text rest, struct redis_url *ret)
{
    struct text host;

    if (!take_login(&rest, ret))
        return false;
    host = text_cut(&rest, '/');
    return read_host(host, ret) && read_database(rest, ret);
}

static bool read_unix(struct text rest, struct redis_url *ret)
{
    struct text path;

    ret->is_unix = true;
    if (text_starts(rest, TEXT("//"))) {
        rest = (struct text){rest.at + 2, rest.len - 2};
        if (rest.len && *rest.at != '/' && !take_login(&rest, ret))
            return false;
    }
    path = text_cut(&rest, '?');
    if (rest.at && (!text_starts(rest, TEXT("db=")) || !read_database((struct text){rest.at + 3, rest.len - 3}, ret)))
        return false;
    return path.len > 1 && path.len <= MAX_SOCKET_PATH && *path.at == '/' &&
           text_copy(ret->place, sizeof ret->place, path);
}

bool redis_url_read(const char *url, struct redis_url *ret, struct err *reterr)
{
    struct text t = text_of(url);
    bool ok = false;

    *ret = (struct redis_url){.database = "0"};
    if (text_starts(t, TEXT("redis://")))
        ok = read_tcp((struct text){t.at + 8, t.len - 8}, ret);
    else if (text_starts(t, TEXT("unix:")))
        ok = read_unix((struct text){t.at + 5, t.len - 5}, ret);
    return ok || err_set(reterr, ERR_INVALID, "redis", "%s", USAGE);
}

static int login_words(const struct redis_url *url, const char *argv[REDIS_GREETING_WORDS])
{
    int count = 0;

    argv[count++] = "AUTH";
    if (*url->user)
        argv[count++] = url->user;
    argv[count++] = url->password;
    return count;
}

int redis_url_greeting(const struct redis_url *url, int step, const char *argv[REDIS_GREETING_WORDS])
{
    if (*url->password && step-- == 0)
        return login_words(url, argv);
    if (strcmp(url->database, "0") != 0 && step-- == 0) {
        argv[0] = "SELECT";
        argv[1] = url->database;
        return 2;
    }
    argv[0] = "PING";
    return step == 0 ? 1 : 0;
}
