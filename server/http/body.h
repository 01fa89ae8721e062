#pragma once
/* Reading what a request carries, with the refusal already answered:
 *
 *     struct next refused;
 *     if (!body_json(call, FIELDS, &input, &refused))
 *         return refused;
 */
#include "http/call.h"
#include "http/query_string.h"
#include "json/json_in.h"

/* A JSON object as application/json (or …+json: a merge patch). Answers 400, 415 or 422. */
bool body_json(struct call *call, const struct json_field *fields, void *ret, struct next *refused);
/* The check of the type alone. Answers 415. */
bool body_type_is_json(struct call *call, struct next *refused);
/* Only the check of the type and the parsing into *ret_faults, so that the caller may add faults of its own before it
   answers with reply_faults. False: answered. */
bool body_json_faults(struct call *call, const struct json_field *fields, void *ret, struct faults *ret_faults,
                      struct next *refused);
/* The query string. Answers 400. */
bool body_query(struct call *call, const struct query_field *fields, void *ret, struct next *refused);
/* For routes without parameters: any is refused. */
bool body_no_query(struct call *call, struct next *refused);
