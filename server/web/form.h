#pragma once
/* The body of a page's form, application/x-www-form-urlencoded. Who may send it was checked before the first step
   (users/access_session.c). */
#include "http/call.h"
#include "http/query_string.h"

/* By a table like a query's; csrf_token is passed over, line ends become "\n". What is wrong with values goes to
 *ret_faults, for the form to be shown again. False: answered, it is no form of ours. */
bool form_read(struct call *call, const struct query_field *fields, void *ret, struct faults *ret_faults,
               struct next *refused);
/* For forms that are a button alone. Answers 400 to any field. */
bool form_empty(struct call *call, struct next *refused);
