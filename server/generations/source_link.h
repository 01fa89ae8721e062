#pragma once
/* Where the provider finds the picture that a variation starts from, when it can reach our storage. */
#include "storage/object_link.h"

/* False: it cannot, and the picture has to be uploaded into the provider's own. public_url: of this service. */
bool source_link(struct object_links *links, const char *public_url, struct text key, char to[OBJECT_LINK_ROOM]);

enum { SOURCE_LINK_S = 48 * 3600 /* as the model's address: a generation waits for its turn for a day at most */ };
