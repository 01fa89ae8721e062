/* Which of a style's prompts a user gets. */
#include <string.h>

#include "base/crypto.h"
#include "styles/style.h"

/* The same number for the same user and style everywhere and always; spread evenly over users. */
static uint64_t lot(const struct style *style, struct uuid user)
{
    char bytes[sizeof user.text + STYLE_ID_ROOM + 1];
    unsigned char hash[SHA256_BYTES];
    size_t len = strlen(user.text), id_len = strlen(style->id);
    uint64_t number = 0;

    memcpy(bytes, user.text, len);
    bytes[len] = '\n';
    memcpy(bytes + len + 1, style->id, id_len);
    crypto_sha256((struct text){bytes, len + 1 + id_len}, hash);
    for (int i = 0; i < 8; i++)
        number = number << 8 | hash[i];
    return number;
}

const struct style_variant *style_variant(const struct style *style, struct uuid user)
{
    uint64_t total = 0, left;

    if (style->variants.count == 1)
        return &style->variants.at[0];
    for (int i = 0; i < style->variants.count; i++)
        total += (uint64_t)style->variants.at[i].weight;
    left = lot(style, user) % total;
    for (int i = 0; i < style->variants.count; i++) {
        uint64_t weight = (uint64_t)style->variants.at[i].weight;
        if (left < weight)
            return &style->variants.at[i];
        left -= weight;
    }
    return &style->variants.at[style->variants.count - 1];
}

const struct style_variant *style_variant_named(const struct style *style, const char *name)
{
    for (int i = 0; i < style->variants.count; i++)
        if (strcmp(style->variants.at[i].name, name) == 0)
            return &style->variants.at[i];
    return NULL;
}
