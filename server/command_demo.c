#include <stdio.h>
#include <string.h>

#include "avatars/avatar_command.h"
#include "commands.h"
#include "options.h"
#include "users/user_command.h"

enum { DEMO_TELEGRAM_ID = 1 };

/* The demo user is the one with a Telegram id that nobody has. */

static bool demo_user(struct pg *pg, struct uuid *ret, struct err *reterr)
{
    const struct user_new user = {.telegram_id = DEMO_TELEGRAM_ID, .name = "Demo"};
    struct query q = user_by_telegram(DEMO_TELEGRAM_ID);
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, reterr);
    struct row row;

    if (!rows)
        return false;
    if (rows_count(rows) == 0)
        return user_command_create(pg, &user, ret, reterr);
    row = rows_at(rows, 0);
    *ret = row_uuid(&row);
    return true;
}

/* token->secret: the one given while it works, else a new one. */
static bool demo_token(struct pg *pg, struct uuid user, const char *given, struct token_new *token, struct err *reterr)
{
    struct uuid owner;

    reterr->kind = ERR_NONE;
    if (given && user_command_token_owner(pg, given, &owner, reterr) && strcmp(owner.text, user.text) == 0)
        return text_copy(token->secret, sizeof token->secret, text_of(given));
    if (reterr->kind != ERR_NONE)
        return false;
    return user_command_token(pg, user, "Demo", "read,write,generate", token, reterr);
}

static void write_demo(struct json_out *out, const char *public_url, struct uuid user, const struct token_new *token,
                       const struct avatar_demo *avatars, const struct user_command_link *link)
{
    char url[600];

    (void)snprintf(url, sizeof url, "%s/auth/link/%s", public_url, link->link.secret);
    json_object(out);
    json_key_text(out, "user_id", user.text);
    json_key_text(out, "api_token", token->secret);
    json_key_text(out, "sign_in_url", url);
    json_key_text(out, "portrait_avatar_id", avatars->portrait.text);
    json_key_text(out, "style_avatar_id", avatars->style.text);
    json_end_object(out);
}

int command_demo(const struct config *config, int argc, char **argv)
{
    struct options o = {0};
    CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
    struct json_out out = json_out_begin(&line);
    struct pg *pg = NULL;
    struct user_command_link link;
    struct avatar_demo avatars;
    struct token_new token;
    struct uuid user;
    struct err err;
    bool ok;

    if (!options_read(argc, argv, &o))
        return 2;
    pg = pg_open(config->database_url);
    ok = demo_user(pg, &user, &err) && demo_token(pg, user, o.token, &token, &err) &&
         avatar_command_demo(pg, user, &avatars, &err) && user_command_link(pg, user, "/", &link, &err);
    pg_close(pg);
    if (!ok)
        return command_fail("demo", &err);
    write_demo(&out, config->public_url, user, &token, &avatars, &link);
    return command_print("demo", &line);
}
