#include "falsim/sim_storage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "falsim/sim_broken.h"
#include "falsim/sim_files.h"
#include "json/json_in.h"

enum { MAX_PARTS = 1000, ETAG_BYTES = 8, NAME_PART = 60, MAX_UPLOAD = 1 << 30, MAX_LIFETIME_S = 10 * 365 * 24 * 3600 };

/* The file's own name as far as it is harmless in a path. */
static void clean_name(const char *name, char to[NAME_PART])
{
    size_t len = strlen(name), used = 0;

    for (size_t i = len > NAME_PART - 8 ? len - (NAME_PART - 8) : 0; i < len; i++) {
        char c = name[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("._-", c);
        to[used++] = fine ? c : '_';
    }
    to[used] = '\0';
}

/* The caller's wish of how long the file is kept, in seconds; 0: none. */
static int64_t read_lifetime(struct call *call)
{
    struct text header = call_header(call, "x-fal-object-lifecycle");
    struct err err;
    yajl_val wish;
    int64_t seconds;

    if (!header.len || !json_parse(header, &wish, &err))
        return 0;
    seconds = json_get_int64(wish, "expiration_duration_seconds", 0);
    yajl_tree_free(wish);
    return seconds > 0 && seconds <= MAX_LIFETIME_S ? seconds : 0;
}

/* What the upload's address says of it. */
static void limit_lifetime(struct call *call, const char *file)
{
    struct sim *sim = sim_of(call);
    char lifetime[24];
    int64_t seconds;

    if (sim->config.file_ttl_s && sim_query(call, "lifetime", lifetime, sizeof lifetime) &&
        text_int64(text_of(lifetime), 1, MAX_LIFETIME_S, &seconds))
        sim_files_end_in(sim->files, file, seconds, sim->config.file_ttl_s);
}

static struct next initiate(struct call *call)
{
    CLEANUP(buf_done) struct buf body = buf_make(4096);
    struct json_out out = json_out_begin(&body);
    char name[NAME_PART], url[512];
    struct uuid id = uuid_make();
    struct err err;
    struct next ret;
    yajl_val input;

    if (!sim_authorized(call, &ret) || sim_broken_strike(call, "upload", TEXT(""), call_body(call), &ret))
        return ret;
    if (!json_parse(call_body(call), &input, &err))
        return sim_reply_detail(call, 400, "Invalid JSON in the request body");
    clean_name(json_get_text(input, "file_name") ? json_get_text(input, "file_name") : "file", name);
    yajl_tree_free(input);
    json_object(&out);
    (void)snprintf(url, sizeof url, "%s/storage/put/%s_%s?signature=simulated&lifetime=%" PRId64,
                   sim_of(call)->public_url, id.text, name, read_lifetime(call));
    json_key_text(&out, "upload_url", url);
    (void)snprintf(url, sizeof url, "%s/files/in/%s_%s", sim_of(call)->public_url, id.text, name);
    json_key_text(&out, "file_url", url);
    json_end_object(&out);
    return sim_reply_out(call, 200, &out);
}

static struct next reply_stored(struct call *call, bool ok, struct text json)
{
    return ok ? sim_reply(call, 200, json) : sim_reply_detail(call, 500, "The file could not be stored");
}

static struct next put_whole(struct call *call, struct text name)
{
    char file[SIM_FILE_NAME_ROOM];
    struct err err;
    bool ok;

    (void)snprintf(file, sizeof file, "in/%.*s", (int)name.len, name.at);
    ok = sim_files_write(sim_of(call)->files, file, call_body(call), &err);
    limit_lifetime(call, file);
    return reply_stored(call, ok, TEXT("{}"));
}

static void part_name(struct text name, int64_t number, char to[SIM_FILE_NAME_ROOM])
{
    (void)snprintf(to, SIM_FILE_NAME_ROOM, "part/%.*s.%d", (int)name.len, name.at, (int)number);
}

static void make_etag(struct text bytes, char to[HEX_ROOM(ETAG_BYTES)])
{
    unsigned char hash[SHA256_BYTES];

    crypto_sha256(bytes, hash);
    hex_write(hash, ETAG_BYTES, to);
}

static struct next put_part(struct call *call, struct text name, int64_t number)
{
    char file[SIM_FILE_NAME_ROOM], etag[HEX_ROOM(ETAG_BYTES)], answer[96];
    struct err err;

    part_name(name, number, file);
    make_etag(call_body(call), etag);
    (void)snprintf(answer, sizeof answer, "{\"partNumber\":%d,\"etag\":\"%s\"}", (int)number, etag);
    return reply_stored(call, sim_files_write(sim_of(call)->files, file, call_body(call), &err), text_of(answer));
}

/* Appends one listed part to the file, when its bytes are what its etag says. */
static bool add_part(struct sim *sim, struct text name, yajl_val part, const char *whole)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(MAX_UPLOAD);
    char file[SIM_FILE_NAME_ROOM], etag[HEX_ROOM(ETAG_BYTES)];
    const char *wanted = json_get_text(part, "etag");
    int64_t number = json_get_int64(part, "partNumber", 0);
    struct err err;

    if (!wanted || number < 1 || number > MAX_PARTS)
        return false;
    part_name(name, number, file);
    if (!sim_files_read(sim->files, file, &bytes, &err))
        return false;
    make_etag((struct text){bytes.bytes, bytes.len}, etag);
    sim_files_remove(sim->files, file);
    return strcmp(etag, wanted) == 0 &&
           sim_files_append(sim->files, whole, (struct text){bytes.bytes, bytes.len}, &err);
}

static struct next complete(struct call *call, struct text name)
{
    struct sim *sim = sim_of(call);
    char whole[SIM_FILE_NAME_ROOM], served[SIM_FILE_NAME_ROOM];
    struct err err;
    yajl_val input, parts;
    bool ok;

    if (!json_parse(call_body(call), &input, &err))
        return sim_reply_detail(call, 400, "Invalid JSON in the request body");
    parts = json_get(input, "parts");
    part_name(name, 0, whole);
    (void)snprintf(served, sizeof served, "in/%.*s", (int)name.len, name.at);
    sim_files_remove(sim->files, whole);
    ok = YAJL_IS_ARRAY(parts) && YAJL_GET_ARRAY(parts)->len > 0 && YAJL_GET_ARRAY(parts)->len <= MAX_PARTS;
    for (size_t i = 0; ok && i < YAJL_GET_ARRAY(parts)->len; i++)
        ok = add_part(sim, name, YAJL_GET_ARRAY(parts)->values[i], whole);
    yajl_tree_free(input);
    if (!ok)
        return sim_reply_detail(call, 400, "Invalid parts");
    ok = sim_files_rename(sim->files, whole, served, &err);
    limit_lifetime(call, served);
    return reply_stored(call, ok, TEXT("{}"));
}

static struct next put(struct call *call, struct text rest)
{
    struct text name = text_cut(&rest, '/');
    char file[SIM_FILE_NAME_ROOM];
    int64_t number;

    if (name.len > 120 || (size_t)snprintf(file, sizeof file, "in/%.*s", (int)name.len, name.at) >= sizeof file ||
        !sim_files_name_is_fine(text_of(file)))
        return sim_reply_detail(call, 404, "Not found");
    if (sim_is_method(call, "PUT") && !rest.at)
        return put_whole(call, name);
    if (sim_is_method(call, "PUT") && text_int64(rest, 1, MAX_PARTS, &number))
        return put_part(call, name, number);
    if (sim_is_method(call, "POST") && text_equal(rest, TEXT("complete")))
        return complete(call, name);
    return sim_reply_detail(call, 405, "Method Not Allowed");
}

struct next sim_storage(struct call *call, struct text rest)
{
    if (text_equal(rest, TEXT("upload/initiate")) || text_equal(rest, TEXT("upload/initiate-multipart")))
        return sim_is_method(call, "POST") ? initiate(call) : sim_reply_detail(call, 405, "Method Not Allowed");
    if (text_starts(rest, TEXT("put/")))
        return put(call, (struct text){rest.at + 4, rest.len - 4});
    return sim_reply_detail(call, 404, "Not found");
}
