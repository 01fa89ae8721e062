#pragma once
#include <h2o.h>

struct http_site;

/* Serves the site's files on a path of their own: our guard first (may_serve, else 404), then libh2o's file handler,
   which knows ETag, If-None-Match, Last-Modified and ranges. Adds the headers of private, unchanging bytes.
   With "&download=1" behind the query that may_serve is asked about, the bytes are an attachment: aisha-NAME. */
void files_register(h2o_hostconf_t *host, const struct http_site *site);
