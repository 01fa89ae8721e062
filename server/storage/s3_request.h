#pragma once
/* One request to S3 as it goes over the wire: hashed once, signed for every try. */
#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "storage/s3_client.h"
#include "storage/s3_endpoint.h"

struct s3_request {
    char url[8192], authorization[SIGV4_AUTHORIZATION_ROOM + 20], headers[5][160];
    char payload[HEX_ROOM(SHA256_BYTES)], md5[BASE64_ROOM(16)];
    int64_t skew_s; /* the correction of the clock that it was signed with */
};

/* Reads the body. False: storage_failed, the file is shorter than the call says. */
bool s3_request_hash(struct s3_request *made, const struct s3_call *call, struct err *reterr);

/* Fills ret's url and headers, which belong to made. False: a name is too long. */
bool s3_request_sign(struct s3_request *made, const struct s3_call *call, const struct s3_endpoint *endpoint,
                     struct sigv4 *sigv4, int64_t now_s, struct fetch_request *ret);

const char *s3_request_method(enum fetch_method method);
