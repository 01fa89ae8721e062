/* The account's own list of requests: how a submission whose answer was lost is found again. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fal/fal_answer.h"
#include "fal/fal_call.h"
#include "fal/fal_path.h"
#include "json/json_in.h"

enum { PAGE_BYTES_MAX = 8 * 1024 * 1024, PAGES_MAX = 20, TIMEOUT_MS = 30000, CURSOR_ROOM = 128 };

struct search {
    const struct fal_sent *sent;
    yajl_val input; /* NULL: the seed is enough */
    fal_take_fn take;
    void *owner;
};

/* Everything of wanted is in there: members that they added do not matter, nor how a number is written. */
static bool includes(yajl_val there, yajl_val wanted);

static bool includes_members(yajl_val there, yajl_val wanted)
{
    for (size_t i = 0; i < YAJL_GET_OBJECT(wanted)->len; i++)
        if (!includes(json_get(there, YAJL_GET_OBJECT(wanted)->keys[i]), YAJL_GET_OBJECT(wanted)->values[i]))
            return false;
    return true;
}

static bool includes_items(yajl_val there, yajl_val wanted)
{
    size_t count = YAJL_GET_ARRAY(wanted)->len;

    if (!YAJL_IS_ARRAY(there) || YAJL_GET_ARRAY(there)->len != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!includes(YAJL_GET_ARRAY(there)->values[i], YAJL_GET_ARRAY(wanted)->values[i]))
            return false;
    return true;
}

static bool includes(yajl_val there, yajl_val wanted)
{
    const char *word = YAJL_GET_STRING(wanted), *their_word = YAJL_GET_STRING(there);

    if (YAJL_IS_OBJECT(wanted))
        return includes_members(there, wanted);
    if (YAJL_IS_ARRAY(wanted))
        return includes_items(there, wanted);
    if (!there || there->type != wanted->type)
        return false;
    if (word)
        return their_word && strcmp(word, their_word) == 0;
    return !YAJL_IS_NUMBER(wanted) || fabs(YAJL_GET_DOUBLE(there) - YAJL_GET_DOUBLE(wanted)) < 1e-6;
}

/* Read by then: escaped slashes are slashes. */
static bool says(yajl_val there, const char *marker)
{
    const char *text = YAJL_GET_STRING(there);
    bool found = text && strstr(text, marker);

    for (size_t i = 0; !found && YAJL_IS_OBJECT(there) && i < YAJL_GET_OBJECT(there)->len; i++)
        found = says(YAJL_GET_OBJECT(there)->values[i], marker);
    for (size_t i = 0; !found && YAJL_IS_ARRAY(there) && i < YAJL_GET_ARRAY(there)->len; i++)
        found = says(YAJL_GET_ARRAY(there)->values[i], marker);
    return found;
}

static bool is_told_apart(const struct fal_sent *sent, yajl_val input)
{
    uint64_t seed;

    if (sent->marker)
        return says(input, sent->marker);
    return json_get_uint64(input, "seed", &seed) && seed == sent->seed;
}

/* The input as it was sent: an object, or such an object as text. */
static bool fits(const struct search *search, yajl_val item)
{
    yajl_val input = json_get(item, "json_input");
    CLEANUP(fal_call_tree_done) yajl_val parsed = NULL;
    struct err ignored;

    if (YAJL_IS_STRING(input)) {
        if (!json_parse(text_of(YAJL_GET_STRING(input)), &parsed, &ignored))
            return false;
        input = parsed;
    }
    return is_told_apart(search->sent, input) && (!search->input || includes(input, search->input));
}

static bool find_in_page(const struct search *search, yajl_val items)
{
    for (size_t i = 0; i < YAJL_GET_ARRAY(items)->len; i++) {
        yajl_val item = YAJL_GET_ARRAY(items)->values[i];
        const char *id = json_get_text(item, "request_id");
        if (id && fal_path_is_id(id) && fits(search, item) && search->take(search->owner, id))
            return true;
    }
    return false;
}

enum fal_found fal_answer_listing(enum fetch_outcome outcome, const struct fetch_response *response,
                                  const struct fal_sent *sent, fal_take_fn take, void *owner, char *ret_cursor,
                                  size_t cursor_room, struct err *reterr)
{
    CLEANUP(fal_call_tree_done) yajl_val input = NULL;
    const char *cursor;
    yajl_val items;

    assert(!sent->marker || *sent->marker);
    *ret_cursor = '\0';
    if (outcome != FETCH_OK || (sent->input.len && !json_parse(sent->input, &input, reterr)))
        return FAL_LISTING_UNREACHABLE;
    CLEANUP(fal_call_tree_done) yajl_val body = response->status == 200 ? fal_call_tree(response) : NULL;
    items = json_get(body, "items");
    cursor = json_get_text(body, "next_cursor");
    if (YAJL_IS_ARRAY(items) && find_in_page(&(struct search){sent, input, take, owner}, items))
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

enum fal_found fal_find(struct fal *fal, const struct fal_sent *sent, fal_take_fn take, void *owner, struct err *reterr)
{
    char cursor[CURSOR_ROOM] = "", url[2048];

    for (int page = 0; page < PAGES_MAX; page++) {
        struct fetch_response response;
        enum fetch_outcome outcome;
        enum fal_found found;
        if (!write_url(fal, sent->endpoint, sent->since_s, cursor, url, sizeof url)) {
            (void)err_set(reterr, ERR_INTERNAL, "fal_url", "listing: the URL is too long");
            return FAL_LISTING_UNREACHABLE;
        }
        outcome = fal_call(fal, &(struct fal_call){.url = url, .timeout_ms = TIMEOUT_MS, .max_bytes = PAGE_BYTES_MAX},
                           &response, reterr);
        found = fal_answer_listing(outcome, &response, sent, take, owner, cursor, sizeof cursor, reterr);
        fetch_response_done(&response);
        if (found != FAL_NOT_LISTED || !*cursor)
            return found;
    }
    (void)err_set(reterr, ERR_UPSTREAM, "fal_listing_too_long", "over %d pages", PAGES_MAX);
    return FAL_LISTING_UNREACHABLE;
}
