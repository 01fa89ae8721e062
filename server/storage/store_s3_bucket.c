/* Buckets and their settings. What a server does not know of, it does without: MinIO lets every page read by presigned
   URLs and ends unfinished uploads, without being told. */
#include <string.h>

#include "storage/store_s3.h"
#include "storage/store_s3_inside.h"

static bool is_unknown(const struct s3_answer *answer)
{
    int status = answer->response.status;

    return status == 501 || status == 405 || strcmp(answer->code, "NotImplemented") == 0 ||
           strcmp(answer->code, "MalformedXML") == 0 || strcmp(answer->code, "InvalidArgument") == 0;
}

/* The answer's status, or 0 when none came. */
static bool ask(struct store *store, enum fetch_method method, struct text bucket, struct s3_answer *ret,
                struct err *reterr)
{
    return s3_call(s3_client_of(store), &(struct s3_call){.method = method, .bucket = bucket}, ret, reterr);
}

/* "us-east-1" is where buckets are when nothing is said, and may not be named there. */
static bool make_at(struct store *store, struct text bucket, bool name_region, struct s3_answer *ret,
                    struct err *reterr)
{
    const char *region = s3_client_region(s3_client_of(store));
    CLEANUP(buf_done) struct buf body = buf_make(1024);
    struct s3_call call = {.method = FETCH_PUT, .bucket = bucket};

    if (name_region && strcmp(region, "us-east-1") != 0) {
        if (!buf_add_format(&body,
                            "<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint>"
                            "</CreateBucketConfiguration>",
                            region))
            return err_set(reterr, ERR_INTERNAL, "storage_failed", "the region's name is too long");
        call.content_type = "application/xml";
        call.body = (struct text){body.bytes, body.len};
    }
    return s3_call(s3_client_of(store), &call, ret, reterr);
}

static bool make(struct store *store, struct text bucket, const char *name, struct err *reterr)
{
    struct s3_answer answer;
    bool ok = make_at(store, bucket, true, &answer, reterr);

    if (ok && strcmp(answer.code, "InvalidLocationConstraint") == 0) { /* a server that has regions of other names */
        s3_answer_done(&answer);
        ok = make_at(store, bucket, false, &answer, reterr);
    }
    ok = ok && (s3_answer_ok(&answer) || strcmp(answer.code, "BucketAlreadyOwnedByYou") == 0 ||
                err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot make bucket %s: %d %.60s", name,
                        answer.response.status, answer.code));
    s3_answer_done(&answer);
    return ok;
}

static bool make_if_missing(struct store *store, struct text bucket, const char *name, bool *ret_made,
                            struct err *reterr)
{
    struct s3_answer answer;
    bool ok = ask(store, FETCH_HEAD, bucket, &answer, reterr);
    int status = answer.response.status;

    s3_answer_done(&answer);
    *ret_made = ok && status == 404;
    if (*ret_made)
        return make(store, bucket, name, reterr);
    return ok && ((status >= 200 && status < 300) ||
                  err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot look at bucket %s: %d", name, status));
}

/* *ret: is it so now? False: the server knows of it and refused. */
static bool set(struct store *store, struct text bucket, const char *what, struct text xml, bool *ret,
                struct err *reterr)
{
    const struct sigv4_pair query = {text_of(what), TEXT("")};
    struct s3_call call = {.method = FETCH_PUT,
                           .bucket = bucket,
                           .query = &query,
                           .query_count = 1,
                           .content_type = "application/xml",
                           .with_md5 = true,
                           .body = xml};
    struct s3_answer answer;
    bool ok = s3_call(s3_client_of(store), &call, &answer, reterr);

    *ret = ok && s3_answer_ok(&answer);
    if (ok && !*ret && !is_unknown(&answer))
        ok = err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot set %s of bucket %.*s: %d %.60s", what,
                     (int)bucket.len, bucket.at, answer.response.status, answer.code);
    s3_answer_done(&answer);
    return ok;
}

static bool set_cors(struct store *store, struct text bucket, const char *origin, bool *ret, struct err *reterr)
{
    CLEANUP(buf_done) struct buf xml = buf_make(2048);

    if (!buf_add_format(
            &xml,
            "<CORSConfiguration><CORSRule><AllowedOrigin>%s</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
            "<AllowedMethod>HEAD</AllowedMethod><AllowedMethod>PUT</AllowedMethod>"
            "<AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
            "<MaxAgeSeconds>3600</MaxAgeSeconds></CORSRule></CORSConfiguration>",
            origin) ||
        strpbrk(origin, "<>&"))
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "the pages' origin cannot be written in XML");
    return set(store, bucket, "cors", (struct text){xml.bytes, xml.len}, ret, reterr);
}

/* Somebody's own rules are theirs to complete. */
static bool set_lifecycle(struct store *store, struct text bucket, bool *ret, struct err *reterr)
{
    static const char RULES[] =
        "<LifecycleConfiguration><Rule><ID>unfinished-uploads</ID><Prefix></Prefix>"
        "<Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>1"
        "</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>";
    const struct sigv4_pair query = {TEXT("lifecycle"), TEXT("")};
    struct s3_call call = {.method = FETCH_GET, .bucket = bucket, .query = &query, .query_count = 1};
    struct s3_answer answer;
    bool ok = s3_call(s3_client_of(store), &call, &answer, reterr);
    bool none = ok && answer.response.status == 404;

    *ret = ok && s3_answer_ok(&answer) && answer.response.body.len &&
           strstr(answer.response.body.bytes, "AbortIncompleteMultipartUpload");
    s3_answer_done(&answer);
    return ok && (!none || set(store, bucket, "lifecycle", text_of(RULES), ret, reterr));
}

bool store_s3_make_bucket(struct store *store, struct text bucket, const char *origin, struct s3_bucket_report *ret,
                          struct err *reterr)
{
    char name[STORE_BUCKET_MAX + 1];

    *ret = (struct s3_bucket_report){0};
    if (!store_bucket_ok(bucket) || !text_copy(name, sizeof name, bucket))
        return err_set(reterr, ERR_INVALID, "storage_key", "not the name of a bucket (%zu bytes)", bucket.len);
    return make_if_missing(store, bucket, name, &ret->made, reterr) &&
           (!origin || set_cors(store, bucket, origin, &ret->cors, reterr)) &&
           set_lifecycle(store, bucket, &ret->lifecycle, reterr);
}
