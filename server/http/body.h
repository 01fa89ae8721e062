#pragma once
/* Reading what a request carries, with the refusal already answered:
 *
 *     struct next refused;
 *     if (!body_query(call, FIELDS, &input, &refused))
 *         return refused;
 */
#include "http/call.h"
#include "http/query_string.h"
#include "json/json_in.h"

/* The type application/json, or a merge patch's. Answers 415. */
bool body_type_is_json(struct call *call, struct next *refused);
/* A JSON object of such a type, by fields. What is wrong with its values goes into *ret_faults: the caller adds faults
   of its own, and answers with reply_faults. False: answered, with 400 or 415. */
bool body_json_faults(struct call *call, const struct json_field *fields, void *ret, struct faults *ret_faults,
                      struct next *refused);
/* The query string, by fields; pages pass over parameters that are not theirs. What is wrong goes into *ret_faults, and
   the caller answers with reply_query_faults. */
bool body_query_faults(struct call *call, const struct query_field *fields, void *ret, struct faults *ret_faults);
/* The same, when the caller has no faults of its own to add. Answers 400. */
bool body_query(struct call *call, const struct query_field *fields, void *ret, struct next *refused);
/* For routes without parameters: any is refused. */
bool body_no_query(struct call *call, struct next *refused);
/* For routes that take nothing but the id in their path. Answers 400 to any parameter, then 404 to what is no UUID. */
bool body_only_id(struct call *call, struct uuid *ret, struct next *refused);
