#include "commands.h"

#include <stdio.h>

#include "command_storage.h"
#include "db/migrate.h"
#include "options.h"
#include "users/user_command.h"

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
    return command_storage_prepare(config, &err) ? 0 : command_fail("migrate", &err);
}

/* What the three "create" commands differ in: makes the thing and writes the line that is printed. */
struct creation {
    const char *what, *usage;
    bool of_user; /* needs --user */
    bool (*make)(struct pg *pg, const struct config *config, const struct options *o, struct json_out *out,
                 struct err *reterr);
};

static int create(const struct creation *creation, const struct config *config, int argc, char **argv)
{
    CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
    struct json_out out = json_out_begin(&line);
    struct options options = {0};
    struct err err;
    struct pg *pg;
    bool ok;

    if (!options_create(creation->what, argc, argv, creation->usage) || !options_read(argc, argv, &options) ||
        (creation->of_user && !options_user(creation->what, &options)))
        return 2;
    pg = pg_open(config->database_url);
    ok = creation->make(pg, config, &options, &out, &err);
    pg_close(pg);
    return ok ? command_print(creation->what, &line) : command_fail(creation->what, &err);
}

static bool make_user(struct pg *pg, const struct config *config, const struct options *o, struct json_out *out,
                      struct err *reterr)
{
    const struct user_new user = {
        .name = o->name ? o->name : "", .locale = o->locale, .time_zone = o->time_zone, .is_admin = o->admin};
    struct uuid id;

    (void)config;
    if (!user_command_create(pg, &user, &id, reterr))
        return false;
    user_command_write_user(out, id);
    return true;
}

static bool make_token(struct pg *pg, const struct config *config, const struct options *o, struct json_out *out,
                       struct err *reterr)
{
    struct token_new token;

    (void)config;
    if (!user_command_token(pg, o->user_id, o->name ? o->name : "", o->scopes ? o->scopes : "read", &token, reterr))
        return false;
    user_command_write_token(out, &token);
    return true;
}

static bool make_link(struct pg *pg, const struct config *config, const struct options *o, struct json_out *out,
                      struct err *reterr)
{
    struct user_command_link link;

    if (!user_command_link(pg, o->user_id, o->next ? o->next : "/", &link, reterr))
        return false;
    user_command_write_link(out, config->public_url, &link);
    return true;
}

int command_user(const struct config *config, int argc, char **argv)
{
    return create(
        &(struct creation){"user", "--name NAME [--locale ru|en] [--time-zone ZONE] [--admin]", false, make_user},
        config, argc, argv);
}

int command_token(const struct config *config, int argc, char **argv)
{
    return create(&(struct creation){"token", "--user ID --name NAME --scopes read,write,generate", true, make_token},
                  config, argc, argv);
}

int command_link(const struct config *config, int argc, char **argv)
{
    return create(&(struct creation){"link", "--user ID [--next PATH]", true, make_link}, config, argc, argv);
}
