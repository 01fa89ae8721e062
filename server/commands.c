#include "commands.h"

#include <stdio.h>

#include "db/migrate.h"
#include "options.h"
#include "users/user_command.h"
#include "json/json_out.h"

int command_fail(const char *what, const struct err *err)
{
    (void)fprintf(stderr, "aisha %s: %s\n", what, err->detail);
    return 1;
}

int command_print(const char *what, const struct buf *line)
{
    if (printf("%s\n", line->bytes) > 0 && fflush(stdout) == 0)
        return 0;
    (void)fprintf(stderr, "aisha %s: cannot write to standard output\n", what);
    return 1;
}

int command_migrate(const struct config *config)
{
    char folder[1100];
    struct err err;
    int count;

    (void)snprintf(folder, sizeof folder, "%s/migrations", config->root);
    if (!migrate_run(config->database_url, folder, &count, &err))
        return command_fail("migrate", &err);
    (void)printf("%d migrations applied\n", count);
    return 0;
}

int command_user(const struct config *config, int argc, char **argv)
{
    struct options o = {0};
    CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
    struct json_out out = json_out_begin(&line);
    struct user_new user;
    struct uuid id;
    struct err err;
    struct pg *pg;
    bool ok;

    if (!options_create("user", argc, argv, "--name NAME [--locale ru|en] [--time-zone ZONE] [--admin]") ||
        !options_read(argc, argv, &o))
        return 2;
    user = (struct user_new){
        .name = o.name ? o.name : "", .locale = o.locale, .time_zone = o.time_zone, .is_admin = o.admin};
    pg = pg_open(config->database_url);
    ok = user_command_create(pg, &user, &id, &err);
    pg_close(pg);
    if (!ok)
        return command_fail("user create", &err);
    user_command_write_user(&out, id);
    return command_print("user create", &line);
}

int command_token(const struct config *config, int argc, char **argv)
{
    struct options o = {0};
    CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
    struct json_out out = json_out_begin(&line);
    struct token_new token;
    struct uuid user;
    struct err err;
    struct pg *pg;
    bool ok;

    if (!options_create("token", argc, argv, "--user ID --name NAME --scopes read,write,generate") ||
        !options_read(argc, argv, &o) || !options_user("token create", &o, &user))
        return 2;
    pg = pg_open(config->database_url);
    ok = user_command_token(pg, user, o.name ? o.name : "", o.scopes ? o.scopes : "read", &token, &err);
    pg_close(pg);
    if (!ok)
        return command_fail("token create", &err);
    user_command_write_token(&out, &token);
    return command_print("token create", &line);
}

int command_link(const struct config *config, int argc, char **argv)
{
    struct options o = {0};
    CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
    struct json_out out = json_out_begin(&line);
    struct user_command_link link;
    struct uuid user;
    struct err err;
    struct pg *pg;
    bool ok;

    if (!options_create("link", argc, argv, "--user ID [--next PATH]") || !options_read(argc, argv, &o) ||
        !options_user("link create", &o, &user))
        return 2;
    pg = pg_open(config->database_url);
    ok = user_command_link(pg, user, o.next ? o.next : "/", &link, &err);
    pg_close(pg);
    if (!ok)
        return command_fail("link create", &err);
    user_command_write_link(&out, config->public_url, &link);
    return command_print("link create", &line);
}
