#pragma once
/* One line per event on standard error, in logfmt: time=… level=… event=… key=value …
   Never put prompts, names, tokens, keys, cookies or signed URLs into a line. */
#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Lines below level are dropped. Set once at start; the default is LOG_INFO. */
void log_set_level(enum log_level level);
bool log_level_read(const char *name, enum log_level *ret); /* "debug" … "error" */

/* fmt writes the pairs: log_write(LOG_WARN, "db.slow", "step=%s ms=%d", step, ms). "" for none. */
void log_write(enum log_level level, const char *event, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A value that may hold anything: quoted, control characters escaped, cut to fit. Used in the same expression:
   log_write(LOG_ERROR, "job.failed", "reason=%s", LOG_QUOTE(err.detail)) */
struct log_quoted {
    char text[320];
};
struct log_quoted log_quote(const char *value);
#define LOG_QUOTE(value) (log_quote(value).text)
