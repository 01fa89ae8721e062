#include "users/login_link_api.h"

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "users/login_link.h"

struct create_link {
    char next[NEXT_PATH_MAX + 1];
    struct login_link_new link;
};

static struct next got_link(struct call *call, const PGresult *rows);

struct next login_link_create(struct call *call)
{
    static const struct json_field FIELDS[] = {
        JSON_FIELD(JSON_TEXT, struct create_link, next, .min = 1, .max = NEXT_PATH_MAX, .optional = true),
        {0},
    };
    struct create_link *create = call_state_make(call, sizeof *create);
    struct faults faults = {0};
    struct next refused;

    if (!body_no_query(call, &refused) || !body_json_faults(call, FIELDS, create, &faults, &refused))
        return refused;
    if (*create->next && !next_path_is_safe(text_of(create->next)))
        (void)faults_add(&faults, "next", "not_a_path");
    if (faults.count)
        return reply_faults(call, &faults);
    create->link = login_link_make(call->who.user, *create->next ? create->next : "/");
    return await_rows(call, login_link_insert(&create->link), got_link);
}

static struct next got_link(struct call *call, const PGresult *rows)
{
    const struct create_link *create = call->state;
    char expires_at[ROW_TIME_ROOM];
    struct json_out out;
    struct row row;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    row = rows_at(rows, 0);
    row_time(&row, expires_at);
    out = reply_json_begin(call);
    login_link_write(&out, local_of(call)->config->public_url, create->link.secret, expires_at);
    return reply_json(call, 201, &out);
}
