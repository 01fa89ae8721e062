/* aisha admin credit: more credits for a user. */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "db/pg.h"
#include "options.h"
#include "users/account.h"

static const char WHAT[] = "admin credit";

static bool reason_is_fine(const char *reason)
{
    struct text t = text_of(reason);

    return text_is_utf8(t) && text_code_points(t) <= ACCOUNT_REASON_MAX && !text_is_blank(t);
}

/* NULL: nothing is wrong. */
static const char *what_is_wrong(struct options *options, int64_t *ret_credits)
{
    if (!options->user || !uuid_read(text_of(options->user), &options->user_id))
        return "--user must be the id of a user";
    if (!options->credits || !text_int64(text_of(options->credits), 1, ACCOUNT_GRANT_MAX, ret_credits))
        return "--credits must be a whole number from 1 to 1000000000; what was given cannot be taken back";
    if (options->reason && !reason_is_fine(options->reason))
        return "--reason has 1 to 200 characters";
    return NULL;
}

static bool grant(struct pg *pg, struct uuid user, int64_t first_grant, int64_t credits, const char *reason,
                  struct account *ret, struct err *reterr)
{
    struct query open = account_open(user, first_grant), more = account_grant(user, credits, reason);
    CLEANUP(pg_clear) PGresult *opened = pg_run(pg, &open, reterr), *rows = NULL;

    if (!opened)
        return false;
    if (rows_count(opened) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "not_found", "there is no user %s", user.text);
    if (!(rows = pg_run(pg, &more, reterr)))
        return false;
    *ret = account_from_rows(rows, first_grant);
    return true;
}

int command_admin(const struct config *config, int argc, char **argv)
{
    CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
    struct json_out out = json_out_begin(&line);
    struct options options = {0};
    struct account account;
    const char *wrong;
    int64_t credits;
    struct err err;
    struct pg *pg;
    bool ok;

    if (argc > 0 && strcmp(argv[0], "endpoint") == 0)
        return command_endpoint(config, argc, argv);
    if (argc == 0 || strcmp(argv[0], "credit") != 0) {
        (void)fprintf(stderr, "usage: aisha admin credit --user ID --credits N [--reason TEXT]\n"
                              "       aisha admin endpoint [ID [--state active|deprecated|gone] [--replacement ID|none]"
                              " [--note TEXT|none]]\n");
        return 2;
    }
    if (!options_read(argc, argv, &options))
        return 2;
    if ((wrong = what_is_wrong(&options, &credits))) {
        (void)fprintf(stderr, "aisha %s: %s\n", WHAT, wrong);
        return 2;
    }
    pg = pg_open(config->database_url);
    ok = grant(pg, options.user_id, config->default_quota, credits, options.reason, &account, &err);
    pg_close(pg);
    if (!ok)
        return command_fail(WHAT, &err);
    account_write(&out, &account);
    return command_print(WHAT, &line);
}
