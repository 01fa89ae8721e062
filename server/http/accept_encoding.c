#include "http/accept_encoding.h"

enum { NOT_NAMED = -1 };

const char *encoding_name(enum encoding encoding)
{
    static const char *const NAMES[ENCODINGS] = {NULL, "gzip", "br"};

    return NAMES[encoding];
}

/* "0.5" in ten-thousandths: 5000. False: none of RFC 9110's weights. */
static bool read_weight(struct text t, int *ret)
{
    int unit = 1000;

    if (!t.len || t.len > 5 || (t.at[0] != '0' && t.at[0] != '1') || (t.len > 1 && t.at[1] != '.'))
        return false;
    *ret = (t.at[0] - '0') * 10000;
    for (size_t i = 2; i < t.len; i++, unit /= 10) {
        if (t.at[i] < '0' || t.at[i] > '9')
            return false;
        *ret += (t.at[i] - '0') * unit;
    }
    return *ret <= 10000;
}

/* "gzip;q=0.5": cuts off and reads what stands behind the name. */
static bool read_entry(struct text entry, struct text *ret_name, int *ret_weight)
{
    struct text rest = entry, parameter;

    *ret_name = text_trim(text_cut(&rest, ';'));
    *ret_weight = 10000;
    if (!rest.at)
        return true;
    parameter = text_trim(rest);
    if (parameter.len < 2 || (parameter.at[0] != 'q' && parameter.at[0] != 'Q') || parameter.at[1] != '=')
        return false;
    return read_weight((struct text){parameter.at + 2, parameter.len - 2}, ret_weight);
}

static int which(struct text name)
{
    if (text_equal_ignoring_case(name, TEXT("br")))
        return ENCODING_BROTLI;
    if (text_equal_ignoring_case(name, TEXT("gzip")) || text_equal_ignoring_case(name, TEXT("x-gzip")))
        return ENCODING_GZIP;
    return text_equal_ignoring_case(name, TEXT("identity")) ? ENCODING_IDENTITY : ENCODINGS;
}

/* The last of several entries for one name counts. */
static void read_weights(struct text header, int weights[ENCODINGS], int *any_other)
{
    while (header.at) {
        struct text entry = text_cut(&header, ','), name;
        int weight, encoding;
        if (!read_entry(entry, &name, &weight))
            continue;
        if (text_equal(name, TEXT("*")))
            *any_other = weight;
        else if ((encoding = which(name)) < ENCODINGS)
            weights[encoding] = weight;
    }
}

enum encoding encoding_accepted(struct text accept_encoding, unsigned available)
{
    int weights[ENCODINGS] = {NOT_NAMED, NOT_NAMED, NOT_NAMED}, any_other = NOT_NAMED, best = 0;
    enum encoding chosen = ENCODING_IDENTITY;

    read_weights(accept_encoding, weights, &any_other);
    for (int i = 0; i < ENCODINGS; i++) {
        if (weights[i] == NOT_NAMED)
            weights[i] = any_other;
        if ((i == ENCODING_IDENTITY || available >> i & 1) && weights[i] > 0 && weights[i] >= best) {
            best = weights[i];
            chosen = (enum encoding)i;
        }
    }
    return chosen;
}
