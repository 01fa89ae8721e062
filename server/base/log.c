#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const char *const LEVELS[] = {"debug", "info", "warn", "error"};
static enum log_level lowest = LOG_INFO; /* written once, before any thread starts */

void log_set_level(enum log_level level) { lowest = level; }

bool log_level_read(const char *name, enum log_level *ret)
{
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
        if (strcmp(name, LEVELS[i]) == 0) {
            *ret = (enum log_level)i;
            return true;
        }
    return false;
}

void log_write(enum log_level level, const char *event, const char *fmt, ...)
{
    char line[2048], now[CLOCK_RFC3339_ROOM];
    va_list args;
    int used;

    if (level < lowest)
        return;
    clock_rfc3339(clock_wall_us(), now);
    used = snprintf(line, sizeof line, "time=%s level=%s event=%s ", now, LEVELS[level], event);
    va_start(args, fmt);
    used += vsnprintf(line + used, sizeof line - (size_t)used, fmt, args);
    va_end(args);
    if (used > (int)sizeof line - 2)
        used = (int)sizeof line - 2;
    line[used++] = '\n';
    /* One write, so that lines of several threads do not mix; a full disk must not stop the service. */
    if (write(STDERR_FILENO, line, (size_t)used) < 0)
        return;
}

struct log_quoted log_quote(const char *value)
{
    struct log_quoted q;
    size_t used = 0;

    q.text[used++] = '"';
    for (const char *c = value; *c && used < sizeof q.text - 6; c++) {
        if (*c == '"' || *c == '\\')
            q.text[used++] = '\\';
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            used += (size_t)snprintf(q.text + used, 5, "\\x%02x", (unsigned)*c);
        else
            q.text[used++] = *c;
    }
    q.text[used++] = '"';
    q.text[used] = '\0';
    return q;
}
