#include "fal/fal_call.h"

#include "json/json_in.h"

enum fetch_outcome fal_call(struct fal *fal, const struct fal_call *call, struct fetch_response *ret,
                            struct err *reterr)
{
    struct fetch_request request = {
        .trust = FETCH_FAL,
        .method = call->method,
        .url = call->url,
        .headers = {fal->authorization, "Accept: application/json", "Content-Type: application/json", call->header},
        .body = call->body,
        .connect_timeout_ms = FAL_CONNECT_MS,
        .timeout_ms = call->timeout_ms,
        .max_bytes = call->max_bytes,
        .fresh = call->fresh,
        .may_send = call->fresh ? fal->may_send : NULL, /* a fresh one is a paid one */
        .owner = fal->owner,
    };

    return fetch_do(fal->fetch, &request, ret, reterr);
}

yajl_val fal_call_tree(const struct fetch_response *response)
{
    struct err ignored;
    yajl_val tree;

    if (!json_parse((struct text){response->body.bytes, response->body.len}, &tree, &ignored))
        return NULL;
    if (YAJL_IS_OBJECT(tree))
        return tree;
    yajl_tree_free(tree);
    return NULL;
}

void fal_call_tree_done(yajl_val *tree)
{
    if (*tree)
        yajl_tree_free(*tree);
}
