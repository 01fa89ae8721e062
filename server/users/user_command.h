#pragma once
/* What the commands `aisha user create`, `token create` and `link create` do, and the JSON that they print; over the
   blocking executor. Errors: ERR_INVALID and ERR_NOT_FOUND with words for the person at the keyboard in detail; those
   of the database. */
#include "db/pg.h"
#include "users/login_link.h"
#include "users/token.h"
#include "users/user.h"

/* user->id is ignored. */
bool user_command_create(struct pg *pg, const struct user_new *user, struct uuid *ret, struct err *reterr);
/* scopes as text: "read,write,generate". A token with the scope admin works as such only for an admin. */
bool user_command_token(struct pg *pg, struct uuid user, const char *name, const char *scopes, struct token_new *ret,
                        struct err *reterr);

struct user_command_link {
    struct login_link_new link;
    char expires_at[ROW_TIME_ROOM];
};
/* next: a safe path, "/" for the start page. */
bool user_command_link(struct pg *pg, struct uuid user, const char *next, struct user_command_link *ret,
                       struct err *reterr);

/* Whose is it? False with ERR_NONE: it does not work (any more); else the database's error. */
bool user_command_token_owner(struct pg *pg, const char *token, struct uuid *ret_user, struct err *reterr);

/* One object each: {"id"}, {"id","token"}, {"url","expires_at"}. */
void user_command_write_user(struct json_out *out, struct uuid id);
void user_command_write_token(struct json_out *out, const struct token_new *token);
void user_command_write_link(struct json_out *out, const char *public_url, const struct user_command_link *link);
