/* Listings: pages of up to a thousand keys, each asked for by the last key of the one before it. */
#include <stdio.h>
#include <string.h>

#include "storage/s3_xml.h"
#include "storage/store_s3_inside.h"

enum { PAGE_KEYS = 1000, PAGE_BYTES = 4 * 1024 * 1024 };

struct listing {
    int left; /* entries that may still be given */
    store_list_fn fn;
    void *owner;
    char last[S3_XML_VALUE_ROOM]; /* key */
    bool moved, disordered;       /* since the page began */
};

static void on_object(void *owner, const struct s3_object *object)
{
    struct listing *listing = owner;
    char key[S3_XML_VALUE_ROOM];

    if (!text_copy(key, sizeof key, object->key) || strcmp(key, listing->last) <= 0) {
        listing->disordered = true;
        return;
    }
    (void)text_copy(listing->last, sizeof listing->last, object->key);
    listing->moved = true;
    if (!listing->left || !store_key_ok(object->key))
        return; /* none of ours */
    listing->left--;
    listing->fn(listing->owner,
                &(struct store_entry){.key = object->key, .bytes = object->bytes, .written_s = object->written_s});
}

/* A page of XML; false: it cannot be gone on from. */
static bool give(struct listing *listing, struct text xml, const char *bucket, bool *ret_more, struct err *reterr)
{
    listing->moved = listing->disordered = false;
    if (!s3_xml_list(xml, on_object, listing, ret_more))
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot list %s: no list came", bucket);
    if (listing->disordered || (*ret_more && !listing->moved))
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot list %s: not in the order of keys", bucket);
    return true;
}

static bool list_page(struct store *store, const char *bucket, struct listing *listing, bool *ret_more,
                      struct err *reterr)
{
    char count[16];
    struct sigv4_pair query[] = {
        {TEXT("list-type"), TEXT("2")}, {TEXT("max-keys"), {count, 0}}, {TEXT("start-after"), text_of(listing->last)}};
    struct s3_call call = {.method = FETCH_GET, .bucket = text_of(bucket), .query = query, .query_count = 3};
    struct s3_answer answer;
    bool ok;

    query[1].value.len =
        (size_t)snprintf(count, sizeof count, "%d", listing->left < PAGE_KEYS ? listing->left : PAGE_KEYS);
    call.max_bytes = PAGE_BYTES;
    ok = s3_call(s3_client_of(store), &call, &answer, reterr);
    *ret_more = false;
    if (ok && answer.response.status != 404) /* a bucket that is not there has none */
        ok = s3_answer_ok(&answer) ? give(listing, (struct text){answer.response.body.bytes, answer.response.body.len},
                                          bucket, ret_more, reterr)
                                   : s3_failed(&answer, "list", bucket, reterr);
    s3_answer_done(&answer);
    return ok;
}

bool store_s3_list(struct store *store, const char *bucket, const char *after, int limit, store_list_fn fn, void *owner,
                   struct err *reterr)
{
    struct listing listing = {.left = limit, .fn = fn, .owner = owner};
    bool more = true, ok = true;

    (void)snprintf(listing.last, sizeof listing.last, "%s", after); /* a key differs from it before its end */
    while (ok && more && listing.left)
        ok = list_page(store, bucket, &listing, &more, reterr);
    return ok;
}
