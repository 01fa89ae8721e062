#pragma once
/* A whole house for handler tests: routes on a loopback (loopback.h), the catalogue, keys, and a database that is
   played by the test (fake_db.h). One at a time. */
#include "http/call.h"
#include "local.h"
#include "support/loopback.h"

#define HOUSE_HOOK_SECRET "a secret for hooks"
#define HOUSE_SERVICE_TOKEN "a service token for tests, 32 chars"

/* routes and authenticate (may be NULL) as in struct http_site. For cmocka's setup and teardown functions. */
void house_open(const struct route *routes, struct next (*authenticate)(struct call *call));
/* The same, and errors of routes that are pages are pages, too. */
void house_open_pages(const struct route *routes, struct next (*authenticate)(struct call *call));
void house_close(void);
int house_tear_down(void **state); /* house_close for cmocka */
struct local *house_local(void);

struct loopback *house_send(const struct loopback_message *message);
/* As a browser asks for a page, and sends a form from one. */
struct loopback *house_get(const char *path);
struct loopback *house_post(const char *path, const char *form);
/* The machine readable code of a problem document; "" for another answer. Lives until the next call. */
const char *house_code(const struct loopback *l);
