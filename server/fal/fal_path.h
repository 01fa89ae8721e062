#pragma once
/* fal.ai's path rule: a request is submitted to the whole endpoint id, and followed under its first two parts. */
#include <stdbool.h>
#include <stddef.h>

/* "/owner/alias/path". False: not an endpoint id, or no room. */
bool fal_path_submit(const char *endpoint, char *to, size_t room);

/* "/owner/alias/requests/ID". False: as above, or not a request id. */
bool fal_path_request(const char *endpoint, const char *request_id, char *to, size_t room);

/* Letters, digits, '-' and '_', 1 to 63 of them (theirs are UUIDs, but that is not promised). */
bool fal_path_is_id(const char *request_id);
