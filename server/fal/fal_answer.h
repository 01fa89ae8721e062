#pragma once
/* Inside fal/: what an answer means. Pure, so that every class has its test; reterr is already filled when outcome is
   not FETCH_OK. */
#include "fal/fal.h"
#include "fetch/fetch.h"

/* A list of what surely was not accepted; everything else that is not an acceptance is ambiguous. Fills the ticket's
   id, URLs as returned ("" when absent) and retry_after_s. */
enum fal_submitted fal_answer_submit(enum fetch_outcome outcome, const struct fetch_response *response,
                                     struct fal_ticket *ret, struct err *reterr);

/* By the word in the body; 200 and 202 are the same. */
enum fal_state fal_answer_status(enum fetch_outcome outcome, const struct fetch_response *response, int *ret_position,
                                 struct err *reterr);

/* How far the log lines of the same answer say that it is; see fal_progress_read. */
double fal_answer_share(enum fetch_outcome outcome, const struct fetch_response *response);

enum fal_result fal_answer_result(enum fetch_outcome outcome, const struct fetch_response *response,
                                  struct fal_outcome *ret, struct err *reterr);

enum fal_cancelled fal_answer_cancel(enum fetch_outcome outcome, const struct fetch_response *response,
                                     struct err *reterr);

/* One page of the listing. FAL_NOT_LISTED with *ret_cursor not "": there is a further page. */
enum fal_found fal_answer_listing(enum fetch_outcome outcome, const struct fetch_response *response,
                                  const struct fal_sent *sent, fal_take_fn take, void *owner, char *ret_cursor,
                                  size_t cursor_room, struct err *reterr);
