#include "http/paging.h"

#include <string.h>

#include "http/reply.h"

enum { ID_BYTES = 16, MAC_BYTES = 16 };

static void id_bytes(const char *uuid, unsigned char to[ID_BYTES])
{
    char digits[HEX_ROOM(ID_BYTES)];
    size_t used = 0;

    for (const char *c = uuid; *c && used < sizeof digits - 1; c++)
        if (*c != '-')
            digits[used++] = *c;
    (void)hex_read((struct text){digits, used}, to, ID_BYTES);
}

static void id_text(const unsigned char id[ID_BYTES], struct uuid *ret)
{
    char digits[HEX_ROOM(ID_BYTES)], *to = ret->text;

    hex_write(id, ID_BYTES, digits);
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *to++ = '-';
        *to++ = digits[i];
    }
    *to = '\0';
}

static void sign(struct call *call, struct mac *mac, const char *list, const char *filters,
                 const unsigned char id[ID_BYTES], unsigned char ret[SHA256_BYTES])
{
    CLEANUP(buf_done) struct buf message = buf_make(strlen(list) + strlen(filters) + 128);

    (void)buf_add_format(&message, "%s\n%s\n%s\n", list, call->who.user.text, filters);
    (void)buf_add(&message, id, ID_BYTES);
    mac_sign(mac, (struct text){message.bytes, message.len}, ret);
}

bool paging_after(struct call *call, struct mac *mac, const char *list, const char *filters, const char *cursor,
                  struct uuid *ret_after, struct next *refused)
{
    unsigned char bytes[ID_BYTES + MAC_BYTES], right[SHA256_BYTES];
    struct err err;

    ret_after->text[0] = '\0';
    if (!*cursor)
        return true;
    if (strlen(cursor) == BASE64URL_ROOM(sizeof bytes) - 1 && base64url_read(text_of(cursor), bytes, sizeof bytes)) {
        sign(call, mac, list, filters, bytes, right);
        if (crypto_equal((struct text){(char *)right, MAC_BYTES}, (struct text){(char *)bytes + ID_BYTES, MAC_BYTES})) {
            id_text(bytes, ret_after);
            return true;
        }
    }
    (void)err_set(&err, ERR_BAD_REQUEST, "cursor_invalid", "%s", list);
    *refused = reply_err(call, &err);
    return false;
}

void paging_write_next(struct json_out *out, struct call *call, struct mac *mac, const char *list, const char *filters,
                       const struct uuid *last)
{
    unsigned char bytes[ID_BYTES + MAC_BYTES], right[SHA256_BYTES];
    char text[BASE64URL_ROOM(sizeof bytes)];

    if (!last) {
        json_key_null(out, "next_cursor");
        return;
    }
    id_bytes(last->text, bytes);
    sign(call, mac, list, filters, bytes, right);
    memcpy(bytes + ID_BYTES, right, MAC_BYTES);
    base64url_write(bytes, sizeof bytes, text);
    json_key_text(out, "next_cursor", text);
}
