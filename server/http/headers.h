#pragma once
#include <h2o.h>

/* What every answer on the path tells browsers about its safe use, whoever made the answer, libh2o included: policies
   of content, framing, referrers and other origins, the type that is not guessed, transport, caching. HTML is a page,
   everything else are bytes that are nobody's document. A header that the answer has already stays as it is. */
void headers_register(h2o_pathconf_t *path);
