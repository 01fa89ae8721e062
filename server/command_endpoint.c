/* aisha admin endpoint: which endpoints there are, and switching them. */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "db/pg.h"
#include "endpoints/endpoint_switch.h"
#include "options.h"

static const char WHAT[] = "admin endpoint";

/* What both ways need. */
struct desk {
    struct catalog *catalog;
    struct pg *pg;
    char ids[ENDPOINT_IDS_ROOM];
    PGresult *rows; /* that statuses points into */
    struct endpoint_statuses statuses;
};

static bool look(struct desk *desk, struct err *reterr)
{
    struct query q = endpoint_statuses(endpoint_ids_write(desk->catalog, desk->ids));

    PQclear(desk->rows);
    if (!(desk->rows = pg_run(desk->pg, &q, reterr)))
        return false;
    endpoint_statuses_read(desk->catalog, desk->rows, &desk->statuses);
    return true;
}

static int print(const struct desk *desk, const struct endpoint_status *status)
{
    CLEANUP(buf_done) struct buf line = buf_make(COMMAND_MAX_LINE);
    struct json_out out = json_out_begin(&line);

    endpoint_status_write(&out, desk->catalog, status);
    return command_print(WHAT, &line);
}

static int print_all(const struct desk *desk)
{
    int code = 0;

    for (int i = 0; i < desk->statuses.count && code == 0; i++)
        code = print(desk, &desk->statuses.at[i]);
    return code;
}

/* An option's text into its member; "none" is null where that may be. */
static bool take(const char *value, char *to, size_t room, bool *ret_has, bool *ret_none)
{
    struct text t = text_of(value ? value : "");

    if (ret_none && text_equal(t, TEXT("none")))
        return *ret_none = true;
    *ret_has = value != NULL;
    return text_is_utf8(t) && text_copy(to, room, t);
}

static bool read_change(const struct options *options, struct endpoint_change *ret)
{
    bool fits = take(options->state, ret->state, sizeof ret->state, &ret->has_state, NULL) &&
                take(options->replacement, ret->replacement, sizeof ret->replacement, &ret->has_replacement,
                     &ret->no_replacement) &&
                take(options->note, ret->note, sizeof ret->note, &ret->has_note, &ret->no_note);

    return fits && text_code_points(text_of(ret->note)) <= ENDPOINT_NOTE_MAX;
}

static int say_faults(const struct faults *faults)
{
    for (int i = 0; i < faults->count; i++) {
        CLEANUP(buf_done) struct buf words = buf_make(1024);
        message_fault(&faults->items[i], LANG_EN, &words);
        (void)fprintf(stderr, "aisha %s: --%s: %s\n", WHAT, faults->items[i].field, words.bytes);
    }
    return 2;
}

static int change_it(struct desk *desk, const struct endpoint_status *status, const struct endpoint_change *change)
{
    struct faults faults = {0};
    struct endpoint_status wanted = endpoint_change_apply(&desk->statuses, status, change, &faults);
    const char *id = status->endpoint->id;
    struct query q;
    struct err err;

    if (faults.count)
        return say_faults(&faults);
    q = endpoint_switch(&wanted, (struct uuid){""});
    if (!pg_do(desk->pg, &q, &err) || !look(desk, &err))
        return command_fail(WHAT, &err);
    return print(desk, endpoint_statuses_find(&desk->statuses, id));
}

static int run(struct desk *desk, const struct options *options)
{
    const struct endpoint_status *status;
    struct endpoint_change change = {0};

    if (!options->operand)
        return print_all(desk);
    if (!(status = endpoint_statuses_find(&desk->statuses, options->operand))) {
        (void)fprintf(stderr, "aisha %s: there is no endpoint %s in the registry\n", WHAT, options->operand);
        return 1;
    }
    if (!options->state && !options->replacement && !options->note)
        return print(desk, status);
    if (!read_change(options, &change)) {
        (void)fprintf(stderr, "aisha %s: --note has up to %d characters, an id up to 40\n", WHAT, ENDPOINT_NOTE_MAX);
        return 2;
    }
    return change_it(desk, status, &change);
}

int command_endpoint(const struct config *config, int argc, char **argv)
{
    struct options options = {0};
    struct desk desk = {0};
    struct err err;
    int code;

    if (!options_read(argc, argv, &options))
        return 2;
    if (!options.operand && (options.state || options.replacement || options.note)) {
        (void)fprintf(stderr, "aisha %s: name the endpoint that is to be switched\n", WHAT);
        return 2;
    }
    if (!(desk.catalog = catalog_open(config->root, &err)))
        return command_fail(WHAT, &err);
    desk.pg = pg_open(config->database_url);
    code = look(&desk, &err) ? run(&desk, &options) : command_fail(WHAT, &err);
    PQclear(desk.rows);
    pg_close(desk.pg);
    catalog_close(desk.catalog);
    return code;
}
