#pragma once
/* What a training would be: its endpoint, its price, how long it takes, and what the provider is sent. */
#include "avatars/avatar.h"
#include "base/buf.h"
#include "catalog/catalog.h"

struct training_offer {
    enum avatar_type type;
    const struct training_preset *preset;
    const struct endpoint *endpoint; /* the one that is used: a deprecated one has given way */
    int64_t cost;                    /* credits */
    struct span expected_minutes;
};

/* False: endpoint_gone (ERR_CONFLICT). */
bool training_offer_make(const struct catalog *catalog, enum avatar_type type, const struct training_preset *preset,
                         struct training_offer *ret, struct err *reterr);

/* Appends the provider's input, but for the archive's address: an object with at least one member, and none that the
   endpoint does not take. */
void training_offer_write_input(const struct training_offer *offer, const char *trigger, struct buf *to);
/* The whole of it, with the address. */
void training_offer_write_sent(const char *endpoint, struct text input, const char *archive_url, struct buf *to);
