/* Answers of fal.ai: the first byte chooses the status, the second the call that was made, the rest is the body. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fal/fal_answer.h"
#include "fal/fal_path.h"
#include "fal/key_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int STATUSES[] = {200, 202, 400, 401, 404, 422, 429, 499, 500, 503, 504, 302};

static void read_submission(const struct fetch_response *response)
{
    struct fal_ticket ticket = {0};
    struct err err;
    enum fal_submitted submitted = fal_answer_submit(FETCH_OK, response, &ticket, &err);

    assert((submitted == FAL_ACCEPTED) == (ticket.request_id[0] != '\0'));
    assert(submitted != FAL_ACCEPTED || fal_path_is_id(ticket.request_id));
    assert(submitted != FAL_ACCEPTED || response->status == 200 || response->status == 202);
}

static void read_result(const struct fetch_response *response)
{
    struct fal_outcome outcome;
    struct err err;
    enum fal_result result = fal_answer_result(FETCH_OK, response, &outcome, &err);

    assert((result == FAL_RESULT_FAILED) == (outcome.failure != FAL_NO_FAILURE));
    assert(outcome.image_count >= 0 && outcome.image_count <= FAL_IMAGES_MAX);
    assert(result != FAL_RESULT_READY || outcome.image_count || outcome.lora_url[0] || outcome.finetune_id[0]);
}

static bool take(void *taken, const char *request_id)
{
    assert(strlen(request_id) < FAL_ID_ROOM);
    *(bool *)taken = true;
    return true;
}

static void read_listing(const struct fetch_response *response)
{
    static const struct fal_sent SENT[] = {
        {.seed = 7}, {.seed = 7, .input = {"{\"a\":[{\"b\":1},\"c\",null]}", 25}}, {.marker = "u/7"}};

    for (size_t i = 0; i < sizeof SENT / sizeof *SENT; i++) {
        bool taken = false;
        char cursor[32];
        struct err err;
        enum fal_found found =
            fal_answer_listing(FETCH_OK, response, &SENT[i], take, &taken, cursor, sizeof cursor, &err);
        assert((found == FAL_FOUND) == taken);
    }
}

static void read_rest(const struct fetch_response *response)
{
    struct key_set keys;
    struct err err;
    int position;
    double share;

    (void)fal_answer_status(FETCH_OK, response, &position, &err);
    assert(position >= -1);
    share = fal_answer_share(FETCH_OK, response);
    assert(share == -1 || (share >= 0 && share <= 1));
    (void)fal_answer_cancel(FETCH_OK, response, &err);
    if (key_set_read((struct text){response->body.bytes, response->body.len}, &keys, &err))
        assert(keys.count > 0 && keys.count <= KEY_SET_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fetch_response response = {.body = buf_make(size)};

    if (size < 2)
        return 0;
    response.status = STATUSES[data[0] % (sizeof STATUSES / sizeof *STATUSES)];
    if (!buf_add(&response.body, data + 2, size - 2))
        abort();
    switch (data[1] % 4) {
    case 0: read_submission(&response); break;
    case 1: read_result(&response); break;
    case 2: read_listing(&response); break;
    default: read_rest(&response);
    }
    fetch_response_done(&response);
    return 0;
}
