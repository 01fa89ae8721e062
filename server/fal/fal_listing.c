/* The account's own list of requests: how a submission whose answer was lost is found again. */
#include <stdio.h>

#include "base/clock.h"
#include "fal/fal_answer.h"
#include "fal/fal_call.h"
#include "fal/fal_path.h"
#include "json/json_in.h"

enum { PAGE_BYTES_MAX = 8 * 1024 * 1024, PAGES_MAX = 20, TIMEOUT_MS = 30000, CURSOR_ROOM = 128 };

/* The input as it was sent: an object, or such an object as text. */
static bool has_seed(yajl_val item, uint64_t wanted)
{
    yajl_val input = json_get(item, "json_input");
    CLEANUP(fal_call_tree_done) yajl_val parsed = NULL;
    struct err ignored;
    uint64_t seed;

    if (YAJL_IS_STRING(input)) {
        if (!json_parse(text_of(YAJL_GET_STRING(input)), &parsed, &ignored))
            return false;
        input = parsed;
    }
    return json_get_uint64(input, "seed", &seed) && seed == wanted;
}

static bool find_in_page(yajl_val items, uint64_t seed, char ret_request_id[FAL_ID_ROOM])
{
    for (size_t i = 0; i < YAJL_GET_ARRAY(items)->len; i++) {
        yajl_val item = YAJL_GET_ARRAY(items)->values[i];
        const char *id = json_get_text(item, "request_id");
        if (id && fal_path_is_id(id) && has_seed(item, seed))
            return text_copy(ret_request_id, FAL_ID_ROOM, text_of(id));
    }
    return false;
}

enum fal_found fal_answer_listing(enum fetch_outcome outcome, const struct fetch_response *response, uint64_t seed,
                                  char ret_request_id[FAL_ID_ROOM], char *ret_cursor, size_t cursor_room,
                                  struct err *reterr)
{
    const char *cursor;
    yajl_val items;

    *ret_cursor = *ret_request_id = '\0';
    if (outcome != FETCH_OK)
        return FAL_LISTING_UNREACHABLE;
    CLEANUP(fal_call_tree_done) yajl_val body = response->status == 200 ? fal_call_tree(response) : NULL;
    items = json_get(body, "items");
    cursor = json_get_text(body, "next_cursor");
    if (YAJL_IS_ARRAY(items) && find_in_page(items, seed, ret_request_id))
        return FAL_FOUND;
    if (YAJL_IS_ARRAY(items) && (!cursor || text_copy(ret_cursor, cursor_room, text_of(cursor))))
        return FAL_NOT_LISTED;
    (void)err_set(reterr, ERR_UPSTREAM, "fal_bad_answer", "listing: HTTP %d", response->status);
    return FAL_LISTING_UNREACHABLE;
}

static bool write_url(const struct fal *fal, const char *endpoint, int64_t since_s, const char *cursor, char *to,
                      size_t room)
{
    char start[CLOCK_RFC3339_ROOM], encoded_endpoint[3 * FAL_ENDPOINT_ROOM], encoded_start[3 * CLOCK_RFC3339_ROOM];
    char encoded_cursor[3 * CURSOR_ROOM];

    clock_rfc3339(since_s * 1000000, start);
    return text_percent_encode(text_of(endpoint), encoded_endpoint, sizeof encoded_endpoint) &&
           text_percent_encode(text_of(start), encoded_start, sizeof encoded_start) &&
           text_percent_encode(text_of(cursor), encoded_cursor, sizeof encoded_cursor) &&
           (size_t)snprintf(
               to, room, "%s/models/requests/by-endpoint?endpoint_id=%s&start=%s&expand=payloads&limit=100%s%s",
               fal->platform_url, encoded_endpoint, encoded_start, *cursor ? "&cursor=" : "", encoded_cursor) < room;
}

enum fal_found fal_find_by_seed(struct fal *fal, const char *endpoint, uint64_t seed, int64_t since_s,
                                char ret_request_id[FAL_ID_ROOM], struct err *reterr)
{
    char cursor[CURSOR_ROOM] = "", url[2048];

    for (int page = 0; page < PAGES_MAX; page++) {
        struct fetch_response response;
        enum fetch_outcome outcome;
        enum fal_found found;
        if (!write_url(fal, endpoint, since_s, cursor, url, sizeof url)) {
            (void)err_set(reterr, ERR_INTERNAL, "fal_url", "listing: the URL is too long");
            return FAL_LISTING_UNREACHABLE;
        }
        outcome = fal_call(fal, &(struct fal_call){.url = url, .timeout_ms = TIMEOUT_MS, .max_bytes = PAGE_BYTES_MAX},
                           &response, reterr);
        found = fal_answer_listing(outcome, &response, seed, ret_request_id, cursor, sizeof cursor, reterr);
        fetch_response_done(&response);
        if (found != FAL_NOT_LISTED || !*cursor)
            return found;
    }
    (void)err_set(reterr, ERR_UPSTREAM, "fal_listing_too_long", "over %d pages", PAGES_MAX);
    return FAL_LISTING_UNREACHABLE;
}
