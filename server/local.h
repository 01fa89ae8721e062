#pragma once
/* What each event loop has: through it the domains' steps reach the services of the process. Made by app.c. */
#include <stdbool.h>

#include "base/config.h"
#include "base/crypto.h"
#include "http/call.h"

struct cache;
struct catalog;
struct db;
struct decoder;
struct endpoint_watch;
struct event_bell;
struct event_hub;
struct jobs_bell;
struct jwks;
struct moderation;
struct object_links;
struct redis_watch;
struct storage_watch;
struct styles;
struct templates;
struct texts;

struct local {
    struct http_thread *thread;
    const struct config *config;
    const struct catalog *catalog;
    const struct moderation *moderation;
    const struct styles *styles;
    struct db *db;
    struct cache *cache;        /* NULL: none, in tests */
    struct object_links *links; /* to stored files */
    struct mac *cursor_mac;     /* of list cursors */
    struct mac *csrf_mac;
    struct mac *hook_mac;     /* of the addresses that the provider calls */
    struct event_hub *events; /* the open event streams of this loop */
    struct event_bell *event_bell;
    const char *job_kinds;             /* that this program knows: a text[] literal */
    struct jobs_bell *bell;            /* tells the workers of this process that there is work; NULL: none here */
    const struct texts *texts;         /* of the pages */
    const struct templates *templates; /* of the pages */
    const struct redis_watch *redis;
    const struct storage_watch *storage_watch; /* NULL: objects lie on local disk */
    struct endpoint_watch *endpoint_watch;     /* who switches endpoints tells it */
    struct jwks *jwks;                         /* public keys of who makes generations; NULL: webhooks are off */
    struct jwks *training_jwks;                /* of who trains: the same unless their test modes differ */
    struct decoder *decoder;                   /* of strangers' pictures */
    unsigned char service_sha256[SHA256_BYTES];
    bool has_service_token;
};

static inline struct local *local_of(const struct call *call) { return call->thread->local; }
