#include "photos/photo_verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/crypto.h"

enum { MEGAPIXEL = 1000 * 1000, MIB = 1 << 20 };

void photo_verdict_reject(struct photo_verdict *verdict, const char *code)
{
    verdict->status = PHOTO_REJECTED;
    verdict->photo.id = (struct uuid){""};
    (void)text_copy(verdict->code, sizeof verdict->code, text_of(code));
}

size_t photo_link_write(const struct photo_links *links, const struct photo *photo, bool small,
                        char to[OBJECT_LINK_ROOM])
{
    char key[PHOTO_KEY_ROOM];

    if (small)
        (void)photo_small_key(photo->object_key, key);
    return object_link_get(links->links, links->base, TEXT(PHOTO_BUCKET), text_of(small ? key : photo->object_key),
                           links->now_s, PHOTO_LINK_TTL_S, to);
}

/* Sentences of other places' words: what a format is called is English, but for one. */
static const char *what_in(const char *what, enum lang lang)
{
    return lang == LANG_RU && strcmp(what, "animated WebP") == 0 ? "анимированный WebP" : what;
}

static const char *message_of(const struct photo_verdict *verdict, char *room, size_t len)
{
    if (!*verdict->code)
        return "photo_valid";
    if (strcmp(verdict->code, "unsupported_format") == 0 && !*verdict->what)
        return "photo_unknown_format";
    (void)snprintf(room, len, "%s_%s", verdict->status == PHOTO_WARNING ? "warn" : "photo", verdict->code);
    return room;
}

void photo_verdict_message(const struct photo_verdict *verdict, const struct config *config, enum lang lang,
                           struct buf *out)
{
    struct fault fault = {.min = PHOTO_MIN_SIDE, .max = config->avatar_max_photos};
    char room[sizeof verdict->code + sizeof "photo_"];

    if (strcmp(verdict->code, "too_large") == 0)
        fault.max = (config->photo_max_size + MIB / 2) / MIB;
    else if (strcmp(verdict->code, "too_many_pixels") == 0)
        fault.max = IMAGE_MAX_PIXELS / MEGAPIXEL;
    (void)text_copy(fault.code, sizeof fault.code, text_of(message_of(verdict, room, sizeof room)));
    (void)text_copy(fault.what, sizeof fault.what, text_of(what_in(verdict->what, lang)));
    message_fault(&fault, lang, out);
}

struct photo_verdict photo_verdict_of(const struct photo *photo)
{
    struct photo_verdict verdict = {
        .status = *photo->code ? PHOTO_WARNING : PHOTO_VALID, .photo = *photo, .measured = true};

    (void)text_copy(verdict.code, sizeof verdict.code, text_of(photo->code));
    return verdict;
}

/* JSON */

static void write_id(struct json_out *out, const struct photo *photo)
{
    json_key_text(out, "id", *photo->id.text ? photo->id.text : NULL);
    json_key_text(out, "file_name", photo->file_name);
}

static void write_judgement(struct json_out *out, const struct photo_verdict *verdict, const struct config *config,
                            enum lang lang)
{
    static const char *const NAMES[] = {"valid", "warning", "rejected"};
    CLEANUP(buf_done) struct buf message = buf_make(2048);

    photo_verdict_message(verdict, config, lang, &message);
    json_key_text(out, "status", NAMES[verdict->status]);
    json_key_text(out, "code", *verdict->code ? verdict->code : NULL);
    json_key(out, "message");
    json_text(out, (struct text){message.bytes, message.len});
}

static void number_or_null(struct json_out *out, const char *key, bool known, int64_t value)
{
    if (known)
        json_key_int64(out, key, value);
    else
        json_key_null(out, key);
}

static void write_facts(struct json_out *out, const struct photo_verdict *verdict)
{
    const struct photo *p = &verdict->photo;
    bool looked = verdict->measured && p->face_count >= 0;

    number_or_null(out, "width", p->width > 0, p->width);
    number_or_null(out, "height", p->height > 0, p->height);
    json_key_int64(out, "file_size", p->file_size);
    if (looked)
        json_key_bool(out, "has_face", p->face_count > 0);
    else
        json_key_null(out, "has_face");
    number_or_null(out, "face_count", looked, p->face_count);
    if (verdict->measured)
        json_key_double(out, "quality_score", p->quality);
    else
        json_key_null(out, "quality_score");
}

static void write_link(struct json_out *out, const char *key, const struct photo_links *links,
                       const struct photo *photo, bool small)
{
    char to[OBJECT_LINK_ROOM];
    size_t len;

    if (!*photo->id.text) {
        json_key_null(out, key);
        return;
    }
    len = photo_link_write(links, photo, small, to);
    json_key(out, key);
    json_plain(out, (struct text){to, len});
}

void photo_verdict_write(struct json_out *out, const struct photo_verdict *verdict, const struct config *config,
                         const struct photo_links *links, enum lang lang)
{
    json_object(out);
    write_id(out, &verdict->photo);
    write_judgement(out, verdict, config, lang);
    write_facts(out, verdict);
    write_link(out, "thumbnail_url", links, &verdict->photo, true);
    json_end_object(out);
}

void photo_write(struct json_out *out, const struct photo *photo, const struct config *config,
                 const struct photo_links *links, enum lang lang)
{
    struct photo_verdict verdict = photo_verdict_of(photo);
    char base64[BASE64_ROOM(IMAGE_PLACEHOLDER_ROOM)];

    json_object(out);
    write_id(out, photo);
    write_judgement(out, &verdict, config, lang);
    write_facts(out, &verdict);
    write_link(out, "url", links, photo, false);
    write_link(out, "thumbnail_url", links, photo, true);
    base64_write(photo->placeholder, photo->placeholder_len, base64);
    json_key_text(out, "placeholder", base64);
    json_key_text(out, "created_at", photo->created_at);
    json_end_object(out);
}
