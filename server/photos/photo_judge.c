#include "photos/photo_judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/digest.h"
#include "base/log.h"
#include "decoder/decoder.h"
#include "storage/store.h"

static bool hash_part(int fd, const struct photo_part *part, unsigned char ret[PHOTO_HASH_BYTES], struct err *reterr)
{
    unsigned char whole[DIGEST_BYTES_MAX];

    if (!digest_file(DIGEST_MD5, fd, part->from, part->len, whole))
        return err_set(reterr, ERR_INTERNAL, "internal", "an upload cannot be read: %s", strerror(errno));
    memcpy(ret, whole, PHOTO_HASH_BYTES);
    return true;
}

static bool is_known(const struct photo_judge *judge, const unsigned char hash[PHOTO_HASH_BYTES])
{
    for (int i = 0; i < judge->marks_count; i++)
        if (memcmp(judge->marks[i].file_hash, hash, PHOTO_HASH_BYTES) == 0)
            return true;
    return false;
}

static bool looks_known(const struct photo_judge *judge, uint64_t look)
{
    for (int i = 0; i < judge->marks_count; i++)
        if (photo_distance(judge->marks[i].look, look) <= PHOTO_NEAR)
            return true;
    return false;
}

/* What needs no pixels. True: it is refused. */
static bool refuse_unseen(const struct photo_judge *judge, struct photo_verdict *verdict)
{
    const char *code = NULL;

    if (is_known(judge, verdict->photo.file_hash))
        code = "duplicate";
    else if (judge->marks_count >= judge->config->avatar_max_photos)
        code = "limit_reached";
    if (code)
        photo_verdict_reject(verdict, code);
    return code != NULL;
}

static void keep_facts(struct photo_verdict *verdict, const struct photo_files *files)
{
    const struct photo_facts *facts = &files->facts;
    struct photo *p = &verdict->photo;

    verdict->measured = true;
    p->width = facts->width;
    p->height = facts->height;
    p->bytes = (int64_t)files->clean.len;
    p->placeholder_len = facts->placeholder_len;
    memcpy(p->placeholder, facts->placeholder, facts->placeholder_len);
    p->face_count = facts->face_count;
    p->face_share = (double)facts->face_share;
    p->sharpness = (double)facts->sharpness;
    p->brightness = (double)facts->brightness;
    p->quality = (double)photo_quality(facts);
    p->look = facts->look;
}

/* False: it is refused. */
static bool weigh(const struct photo_judge *judge, const struct photo_files *files, struct photo_verdict *verdict)
{
    bool refused = false;
    const char *fault = photo_fault(&files->facts, judge->portrait, &refused);

    keep_facts(verdict, files);
    if (fault && refused) {
        photo_verdict_reject(verdict, fault);
        return false;
    }
    if (looks_known(judge, files->facts.look))
        fault = "near_duplicate";
    verdict->status = fault ? PHOTO_WARNING : PHOTO_VALID;
    (void)text_copy(verdict->code, sizeof verdict->code, text_of(fault ? fault : ""));
    (void)text_copy(verdict->photo.code, sizeof verdict->photo.code, text_of(verdict->code));
    return true;
}

static bool store_files(const struct photo_judge *judge, struct photo_verdict *verdict, const struct photo_files *files,
                        struct err *reterr)
{
    struct photo *p = &verdict->photo;
    char small[PHOTO_KEY_ROOM];

    p->id = uuid_make();
    p->avatar = judge->avatar;
    (void)snprintf(p->object_key, sizeof p->object_key, "%s/%s.jpg", judge->avatar.text, p->id.text);
    (void)photo_small_key(p->object_key, small);
    return store_put(judge->store, TEXT(PHOTO_BUCKET), text_of(p->object_key),
                     (struct text){files->clean.bytes, files->clean.len}, reterr) &&
           store_put(judge->store, TEXT(PHOTO_BUCKET), text_of(small),
                     (struct text){files->small.bytes, files->small.len}, reterr);
}

/* What the decoder said of the photo; false: it said nothing of it. */
static bool refuse_undecoded(struct photo_verdict *verdict, const struct err *err)
{
    if (err->kind != ERR_UPSTREAM)
        return false;
    photo_verdict_reject(verdict, strcmp(err->code, "photo_undecodable") == 0 ? "corrupt" : err->code);
    if (strcmp(err->code, "unsupported_format") == 0)
        (void)text_copy(verdict->what, sizeof verdict->what, text_of(err->detail));
    return true;
}

static bool take(struct photo_judge *judge, struct photo_verdict *verdict, const struct photo_files *files,
                 struct err *reterr)
{
    struct photo_mark *mark = &judge->marks[judge->marks_count];

    if (!store_files(judge, verdict, files, reterr)) {
        log_write(LOG_ERROR, "photo_not_stored", "avatar=%s reason=%s", judge->avatar.text, LOG_QUOTE(reterr->detail));
        photo_judge_undo(judge, verdict);
        return err_set(reterr, ERR_BUSY, "storage", "the storage did not take a photo");
    }
    memcpy(mark->file_hash, verdict->photo.file_hash, PHOTO_HASH_BYTES);
    mark->look = verdict->photo.look;
    judge->marks_count++;
    return true;
}

bool photo_judge_part(struct photo_judge *judge, int fd, const struct photo_part *part, struct photo_verdict *ret,
                      struct err *reterr)
{
    struct photo_files files;
    bool ok;

    *ret = (struct photo_verdict){.photo = {.file_size = part->len, .face_count = -1}};
    (void)text_copy(ret->photo.file_name, sizeof ret->photo.file_name, text_of(part->file_name));
    if (part->len == 0 || part->len > judge->config->photo_max_size) {
        photo_verdict_reject(ret, part->len ? "too_large" : "corrupt");
        return true;
    }
    if (!hash_part(fd, part, ret->photo.file_hash, reterr))
        return false;
    if (refuse_unseen(judge, ret))
        return true;
    if (!decoder_examine(judge->decoder, fd, part->from, part->len, judge->portrait, &files, reterr))
        return refuse_undecoded(ret, reterr);
    ok = !weigh(judge, &files, ret) || take(judge, ret, &files, reterr);
    photo_files_done(&files);
    return ok;
}

void photo_judge_undo(struct photo_judge *judge, const struct photo_verdict *verdict)
{
    char small[PHOTO_KEY_ROOM];
    struct err err;

    if (!*verdict->photo.object_key)
        return;
    (void)photo_small_key(verdict->photo.object_key, small);
    (void)store_delete(judge->store, TEXT(PHOTO_BUCKET), text_of(verdict->photo.object_key), &err); /* or the sweep */
    (void)store_delete(judge->store, TEXT(PHOTO_BUCKET), text_of(small), &err);
}
