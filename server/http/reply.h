#pragma once
/* Answers; http/headers.h adds what all have in common. Each sends the whole response, may free the request and the
 * call, and ends the step. */
#include "http/call.h"
#include "json/json_out.h"

struct problem;

/* JSON into the thread's scratch buffer: for one reply of this step. */
struct json_out reply_json_begin(struct call *call);
struct next reply_json(struct call *call, int status, struct json_out *out);
/* A page, with the headers that go with one; a cache-control that was added before stays. The bytes are copied. */
struct next reply_html(struct call *call, int status, struct text html);
struct next reply_no_content(struct call *call); /* 204 */
/* Copies the bytes. content_type is a literal. */
struct next reply_bytes(struct call *call, int status, const char *content_type, struct text bytes);
/* 200. Does not copy: the bytes live as long as the program. content_type is a literal. */
struct next reply_static(struct call *call, const char *content_type, struct text bytes);
struct next reply_not_modified(struct call *call); /* 304; its headers are those that 200 would have */
struct next reply_redirect(struct call *call, const char *location); /* 303 */

/* Adds a header to the coming answer; name is lower case and, like value, copied. */
void reply_header(struct call *call, const char *name, const char *value);

/* Problem documents (RFC 9457) in the reader's language. err->detail goes to the log, never to the client, as does a
   code of ERR_INTERNAL that has no text for people: the client's is internal. */
struct next reply_err(struct call *call, const struct err *err);
/* 429 with RateLimit headers: at most limit of what policy names ("streams"). */
struct next reply_too_many(struct call *call, const char *code, const char *policy, int limit, int retry_after_s);
/* The same with the members needed and available: credits, photos. */
struct next reply_shortage(struct call *call, const struct err *err, int64_t needed, int64_t available);
/* 422 with errors[] and the member category: what was asked for is not allowed. */
struct next reply_blocked(struct call *call, const char *code, const char *category, const struct faults *faults);
/* With what to do instead, in words and as a JSON value. */
struct next reply_suggestion(struct call *call, const struct err *err, const char *advice, struct text suggestion);
struct next reply_not_found(struct call *call);
struct next reply_faults(struct call *call, const struct faults *faults);       /* 422 with errors[] */
struct next reply_query_faults(struct call *call, const struct faults *faults); /* 400 with errors[] */

/* The document itself, whoever asks. */
struct next reply_problem_document(struct call *call, const struct problem *problem);

/* For stream_open: status 200 and the standard headers; the body follows. */
void reply_stream_headers(struct call *call);
