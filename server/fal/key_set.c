#include "fal/key_set.h"

#include <string.h>

#include "json/json_in.h"

static bool is_ed25519(yajl_val key)
{
    const char *type = json_get_text(key, "kty");
    const char *curve = json_get_text(key, "crv");

    return type && curve && strcmp(type, "OKP") == 0 && strcmp(curve, "Ed25519") == 0;
}

static void add_key(struct key_set *set, yajl_val key)
{
    const char *x = is_ed25519(key) ? json_get_text(key, "x") : NULL;

    if (x && set->count < KEY_SET_MAX && base64url_read(text_of(x), set->keys[set->count], ED25519_KEY_BYTES))
        set->count++;
}

bool key_set_read(struct text json, struct key_set *ret, struct err *reterr)
{
    yajl_val tree, keys;

    *ret = (struct key_set){0};
    if (!json_parse(json, &tree, reterr))
        return false;
    keys = json_get(tree, "keys");
    for (size_t i = 0; YAJL_IS_ARRAY(keys) && i < YAJL_GET_ARRAY(keys)->len; i++)
        add_key(ret, YAJL_GET_ARRAY(keys)->values[i]);
    yajl_tree_free(tree);
    return ret->count || err_set(reterr, ERR_UPSTREAM, "jwks_empty", "no Ed25519 key in the key set");
}

bool key_set_verify(const struct key_set *set, struct text message,
                    const unsigned char signature[ED25519_SIGNATURE_BYTES])
{
    for (int i = 0; i < set->count; i++)
        if (ed25519_verify(set->keys[i], message, signature))
            return true;
    return false;
}
