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
/* The same for somebody who is signed in: house_who, at first a Russian in Kathmandu who may read and write. */
void house_open_signed_in(const struct route *routes);
#define HOUSE_USER "01990000-0000-7000-8000-000000000001"
#define HOUSE_SESSION "01990000-0000-7000-8000-00000000000a"
extern struct who house_who;
void house_speak(enum lang lang);
void house_close(void);
int house_tear_down(void **state); /* house_close for cmocka */
struct local *house_local(void);

struct loopback *house_send(const struct loopback_message *message);
struct loopback *house_ask(const char *method, const char *path, const char *name, const char *value); /* one header */
/* As a browser asks for a page, and sends a form from one. */
struct loopback *house_get(const char *path);
struct loopback *house_post(const char *path, const char *form);
/* The machine readable code of a problem document; "" for another answer. Lives until the next call. */
const char *house_code(const struct loopback *l);
