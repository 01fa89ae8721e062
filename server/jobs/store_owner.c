#include "jobs/store_owner.h"

#include "db/pg.h"
#include "db/rows.h"
#include "storage/store.h"

static bool read_installation(const struct sweep_tools *tools, struct uuid *ret_id, bool *ret_known, struct err *reterr)
{
    struct query q =
        query_read("SELECT id, EXISTS (SELECT FROM images) OR EXISTS (SELECT FROM photos) FROM installation");
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    struct row row;

    if (!rows || rows_count(rows) == 0)
        return !rows ? false : err_set(reterr, ERR_INTERNAL, "internal", "the table installation is empty");
    row = rows_at(rows, 0);
    *ret_id = row_uuid(&row);
    *ret_known = row_bool(&row);
    return true;
}

bool store_owner_is_us(const struct sweep_tools *tools, bool is_empty, struct err *reterr)
{
    CLEANUP(buf_done) struct buf owner = buf_make(sizeof(struct uuid));
    struct uuid id;
    bool known;

    if (!read_installation(tools, &id, &known, reterr))
        return false;
    if (store_get(tools->store, TEXT(STORE_OWNER_BUCKET), TEXT(STORE_OWNER), &owner, reterr))
        return text_equal((struct text){owner.bytes, owner.len}, text_of(id.text)) ||
               err_set(reterr, ERR_CONFLICT, "internal", "the objects belong to another database: none is deleted");
    if (reterr->kind != ERR_NOT_FOUND)
        return false;
    if (!is_empty && !known)
        return err_set(reterr, ERR_CONFLICT, "internal", "nobody knows whose the objects are: none is deleted");
    return store_put(tools->store, TEXT(STORE_OWNER_BUCKET), TEXT(STORE_OWNER), text_of(id.text), reterr);
}
