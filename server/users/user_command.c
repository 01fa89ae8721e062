#include "users/user_command.h"

#include "base/crypto.h"

static bool name_is_fine(const char *name, size_t max, struct err *reterr)
{
    struct text t = text_of(name);

    if (text_is_utf8(t) && text_code_points(t) <= max && !text_is_blank(t))
        return true;
    return err_set(reterr, ERR_INVALID, "invalid", "a name has 1 to %zu characters", max);
}

static bool time_zone_is_fine(struct pg *pg, const char *name, struct err *reterr)
{
    struct query q = user_time_zone(name);
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, reterr);

    if (!rows)
        return false;
    return rows_count(rows) > 0 ||
           err_set(reterr, ERR_INVALID, "unknown_time_zone", "unknown time zone; an example: Europe/Moscow");
}

bool user_command_create(struct pg *pg, const struct user_new *user, struct uuid *ret, struct err *reterr)
{
    struct user_new made = *user;
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct query q;

    if (!name_is_fine(user->name, USER_NAME_MAX, reterr))
        return false;
    if (user->locale && !user_locale_is_known(user->locale))
        return err_set(reterr, ERR_INVALID, "invalid", "the locale is ru or en");
    if (user->time_zone && !time_zone_is_fine(pg, user->time_zone, reterr))
        return false;
    made.id = uuid_make();
    q = user_insert(&made);
    if (!(rows = pg_run(pg, &q, reterr)))
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_CONFLICT, "already_exists", "there is a user with this telegram id");
    *ret = made.id;
    return true;
}

static bool user_exists(struct pg *pg, struct uuid user, struct err *reterr)
{
    struct query q = user_by_id(user);
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, reterr);

    if (!rows)
        return false;
    return rows_count(rows) > 0 || err_set(reterr, ERR_NOT_FOUND, "not_found", "there is no user %s", user.text);
}

bool user_command_token(struct pg *pg, struct uuid user, const char *name, const char *scopes, struct token_new *ret,
                        struct err *reterr)
{
    static const struct idempotency NO_KEY;
    CLEANUP(pg_clear) PGresult *rows = NULL;
    unsigned bits;
    struct query q;

    if (!name_is_fine(name, TOKEN_NAME_MAX, reterr))
        return false;
    if (!token_scopes_read(text_of(scopes), &bits))
        return err_set(reterr, ERR_INVALID, "invalid", "scopes are some of read,write,generate,admin");
    if (!user_exists(pg, user, reterr))
        return false;
    *ret = token_make(user, name, bits, 0);
    q = token_insert(ret, &NO_KEY);
    if (!(rows = pg_run(pg, &q, reterr)))
        return false;
    return rows_count(rows) > 0 ||
           err_set(reterr, ERR_CONFLICT, "limit_reached", "the user has %d tokens already", TOKENS_PER_USER);
}

bool user_command_link(struct pg *pg, struct uuid user, const char *next, struct user_command_link *ret,
                       struct err *reterr)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct query q;
    struct row row;

    if (!next_path_is_safe(text_of(next)))
        return err_set(reterr, ERR_INVALID, "not_a_path", "not a path of this site");
    ret->link = login_link_make(user, next);
    q = login_link_insert(&ret->link);
    if (!(rows = pg_run(pg, &q, reterr)))
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "not_found", "there is no user %s", user.text);
    row = rows_at(rows, 0);
    row_time(&row, ret->expires_at);
    return true;
}

bool user_command_token_owner(struct pg *pg, const char *token, struct uuid *ret_user, struct err *reterr)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    unsigned char sha256[SHA256_BYTES];
    struct query q;
    struct row row;

    *reterr = (struct err){0};
    crypto_sha256(text_of(token), sha256);
    q = token_by_sha256(sha256);
    if (!(rows = pg_run(pg, &q, reterr)) || rows_count(rows) == 0)
        return false;
    row = rows_at(rows, 0);
    row_skip(&row);
    row_skip(&row);
    row_skip(&row);
    *ret_user = row_uuid(&row);
    return true;
}

void user_command_write_user(struct json_out *out, struct uuid id)
{
    json_object(out);
    json_key_text(out, "id", id.text);
    json_end_object(out);
}

void user_command_write_token(struct json_out *out, const struct token_new *token)
{
    json_object(out);
    json_key_text(out, "id", token->id.text);
    json_key_text(out, "token", token->secret);
    json_end_object(out);
}

void user_command_write_link(struct json_out *out, const char *public_url, const struct user_command_link *link)
{
    login_link_write(out, public_url, link->link.secret, link->expires_at);
}
