#pragma once
/* Requests that may be repeated without doing their work twice: the header Idempotency-Key of POSTs that create.
 *
 * A key is a row that belongs to a user. It is written by the very statement that creates the thing, so that of several
 * requests with the same key, at the same moment or after a lost answer, exactly one creates. The steps of such a
 * route:
 *
 *     struct idempotency *key = &state->key;          in the call's state: it must outlive the waits
 *     if (!idempotency_read(call, key, &refused))     1. reads the header and takes the fingerprint of the request
 *         return refused;
 *     (check the body)                                   a refused request leaves the key free
 *     if (key->given)                                 2. was it used before?
 *         return await_rows(call, idempotency_find(call->who.user, key), found);
 *
 *     found: switch (idempotency_match(rows, key, &kept))
 *       IDEMPOTENCY_NEW      go on to the creating statement, which has IDEMPOTENCY_INSERT as a WITH part and creates
 *                            only when that gave a row (or the key is NULL)
 *       IDEMPOTENCY_REPLAY   idempotency_mark_replayed(call), then the first answer again: kept.response, or made anew
 *                            from kept.ref where that gives the same bytes
 *       IDEMPOTENCY_REUSED   return idempotency_refuse_reuse(call)
 *
 * When the creating statement made nothing, another request may have taken the key since step 2: look with
 * idempotency_find again before anything else is answered (a limit that the first request reached, say). A routine that
 * stores the body writes it with idempotency_store before it answers; a process that dies between creating and storing
 * leaves response NULL, and the replay then makes the answer from ref: users/create_once.h. */
#include "base/crypto.h"
#include "db/query.h"
#include "db/rows.h"
#include "http/call.h"

enum { IDEMPOTENCY_KEY_MAX = 255 };

struct idempotency {
    bool given; /* false: no header; the rest is then empty */
    char key[IDEMPOTENCY_KEY_MAX + 1];
    unsigned char fingerprint[SHA256_BYTES]; /* of method, route, what the path names, and body */
};

/* 1 to 255 visible ASCII characters; a value in double quotes counts as what is between them. Answers 400
   idempotency_key_invalid. */
bool idempotency_read(struct call *call, struct idempotency *ret, struct next *refused);

/* The same for a form, whose key is the value of a hidden field: a reload or a second click sends the same body. The
   fingerprint leaves csrf_token out, which changes with the session. False: that is no key. */
bool idempotency_from_form(const struct call *call, const char *key, struct idempotency *ret);

/* A WITH part that takes the key, with the SQL expressions of its parameters ("$4"), for the row (at most one) of the
   WITH part named source: no row comes back when the key is NULL or taken. The statement then creates on
       WHERE {key}::text IS NULL OR EXISTS (SELECT FROM {this part}). */
#define IDEMPOTENCY_INSERT(source, user, key, fingerprint, ref)                                                        \
    "INSERT INTO idempotency_keys (user_id, key, fingerprint, ref) SELECT " user "::uuid, " key "::text, " fingerprint \
    "::bytea, " ref "::uuid FROM " source " WHERE " key "::text IS NOT NULL ON CONFLICT DO NOTHING RETURNING ref"
/* Its two parameters: the key and the fingerprint, NULL when none was given. key is borrowed like any text. */
void idempotency_add(struct query *q, const struct idempotency *key);

struct query idempotency_find(struct uuid user, const struct idempotency *key);
/* The first body answered is kept; a later one for the same key changes nothing. */
struct query idempotency_store(struct uuid user, const struct idempotency *key, const char *response);

enum idempotency_use { IDEMPOTENCY_NEW, IDEMPOTENCY_REPLAY, IDEMPOTENCY_REUSED };

struct idempotency_kept {
    struct uuid ref;
    struct text response; /* borrowed from the rows; at is NULL: not stored */
};

/* What the rows of idempotency_find say; *ret for a replay. */
enum idempotency_use idempotency_match(const PGresult *rows, const struct idempotency *key,
                                       struct idempotency_kept *ret);
/* Adds Idempotent-Replayed: true to the coming answer. */
void idempotency_mark_replayed(struct call *call);
/* 422 idempotency_key_reused. */
struct next idempotency_refuse_reuse(struct call *call);
