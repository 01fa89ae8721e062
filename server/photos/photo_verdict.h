#pragma once
/* What a photo is told on its arrival, and what lists show of one that was taken. */
#include "base/messages.h"
#include "photos/photo.h"
#include "storage/object_link.h"
#include "json/json_out.h"

struct config;

enum photo_status { PHOTO_VALID, PHOTO_WARNING, PHOTO_REJECTED };

struct photo_verdict {
    enum photo_status status;
    char code[32];      /* "": valid */
    char what[32];      /* of unsupported_format: what it is ("GIF"); "": unknown */
    struct photo photo; /* its facts as far as they are known; id "" of a rejected one; width 0: not known */
    bool measured;      /* faces and quality are known */
};

/* Refuses it: code, no id. */
void photo_verdict_reject(struct photo_verdict *verdict, const char *code);

/* What links are made with. */
struct photo_links {
    struct object_links *links;
    struct text base; /* object_link.h */
    int64_t now_s;
};
enum { PHOTO_LINK_TTL_S = 6 * 3600 };

/* The thumbnail's address, or the clean picture's. NUL terminated; returns the length. */
size_t photo_link_write(const struct photo_links *links, const struct photo *photo, bool small,
                        char to[OBJECT_LINK_ROOM]);

/* The sentence for people. Appends to out. config: the limits. */
void photo_verdict_message(const struct photo_verdict *verdict, const struct config *config, enum lang lang,
                           struct buf *out);
/* The verdict that a photo of a list had. */
struct photo_verdict photo_verdict_of(const struct photo *photo);

/* The contract's PhotoVerdict and Photo, each as one value. */
void photo_verdict_write(struct json_out *out, const struct photo_verdict *verdict, const struct config *config,
                         const struct photo_links *links, enum lang lang);
void photo_write(struct json_out *out, const struct photo *photo, const struct config *config,
                 const struct photo_links *links, enum lang lang);

/* The last segment of a name as a client sent it, without what does not belong into one; "" when nothing is left. */
void photo_file_name(struct text sent, char to[4 * PHOTO_FILE_NAME_MAX + 1]);
