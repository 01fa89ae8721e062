#include "generations/object_sweeps.h"

#include <stdio.h>
#include <string.h>

#include "db/pg.h"
#include "db/rows.h"
#include "gallery/image.h"
#include "gallery/image_address.h"
#include "jobs/bucket_sweep.h"
#include "storage/store.h"

enum { EVERY_S = 30, IMAGES_PAGE = 200, MAX_FAULTS = 3 };

/* Rows without objects */

static struct query images_behind(const char *place, int limit)
{
    struct query q =
        query_read("SELECT id, object_key, has_nsfw_content FROM images WHERE id > COALESCE(NULLIF($1, ''),"
                   " '00000000-0000-0000-0000-000000000000')::uuid ORDER BY id LIMIT $2");

    query_add_text(&q, place);
    query_add_int64(&q, limit);
    return q;
}

enum wholeness { WHOLE, BROKEN, UNREADABLE };

/* Those that were stored before there were blurred ones have their old thumbnails, which get no address any more. */
static enum wholeness look_at_files(struct store *store, struct text object_key, bool quarantined)
{
    static const enum image_file FILES[] = {IMAGE_FILE_ORIGINAL, IMAGE_FILE_SMALL, IMAGE_FILE_MEDIUM},
                                 HIDDEN[] = {IMAGE_FILE_ORIGINAL, IMAGE_FILE_BLURRED};
    const enum image_file *files = quarantined ? HIDDEN : FILES;
    size_t count = quarantined ? sizeof HIDDEN / sizeof *HIDDEN : sizeof FILES / sizeof *FILES;
    char room[STORE_KEY_MAX];
    enum wholeness result = WHOLE;
    struct err err;

    for (size_t i = 0; i < count; i++) {
        bool exists = false;
        if (!store_exists(store, TEXT(IMAGE_BUCKET), image_address_key(object_key, files[i], room), &exists, &err))
            return UNREADABLE;
        if (!exists && files[i] == IMAGE_FILE_BLURRED &&
            !store_exists(store, TEXT(IMAGE_BUCKET), image_address_key(object_key, IMAGE_FILE_SMALL, room), &exists,
                          &err))
            return UNREADABLE;
        if (!exists)
            result = BROKEN;
    }
    return result;
}

/* One that cannot be looked at is a fault of its own; several in a row are one of the store, and the place stays. */
static bool look_for_objects(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                             struct err *reterr)
{
    struct query q = images_behind(look->place, sweep->limit);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    int faults = 0;

    if (!rows)
        return false;
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        struct uuid id = row_uuid(&row);
        struct text key = row_piece(&row);
        enum wholeness whole = look_at_files(tools->store, key, row_bool(&row));
        faults = whole == UNREADABLE ? faults + 1 : 0;
        if (faults == MAX_FAULTS)
            return err_set(reterr, ERR_BUSY, "internal", "the storage cannot be read");
        if (whole != WHOLE)
            sweep_found(look, id.text);
        (void)snprintf(look->place, sizeof look->place, "%s", id.text);
        if (!sweep_goes_on(tools, reterr))
            return false;
    }
    if (rows_count(rows) < sweep->limit)
        *look->place = '\0';
    return true;
}

const struct sweep IMAGE_OBJECTS = {
    .name = "image_objects", .every_s = EVERY_S, .limit = IMAGES_PAGE, .look = look_for_objects};

/* Objects without rows */

/* "2026/11/20/ID.jpg", "2026/11/20/ID_small.webp", "2026/11/20/ID-blurred.webp" */
static bool read_id(struct text key, struct uuid *ret)
{
    enum { DAY = sizeof "2026/11/20/" - 1, ID = sizeof ret->text - 1 };

    return key.len > DAY + ID && key.at[4] == '/' && key.at[7] == '/' && key.at[10] == '/' &&
           strchr("._-", key.at[DAY + ID]) && uuid_read((struct text){key.at + DAY, ID}, ret);
}

/* In one statement, because a picture moves from the results to the rows in one transaction; and only for who leads.
   Once for the objects of one picture. */
static bool judge(const struct sweep_tools *tools, const char *key, struct bucket_judged *judged, struct err *reterr)
{
    struct uuid before = judged->id;
    struct query q = leader_query(tools->leader,
                                  "WITH " SWEEP_LOCK " SELECT NOT EXISTS (SELECT FROM images WHERE id = $3) AND NOT"
                                  " EXISTS (SELECT FROM generation_outputs WHERE image_id = $3) WHERE " SWEEP_LEADS,
                                  __func__);

    if (!read_id(text_of(key), &judged->id)) {
        *judged = (struct bucket_judged){.fate = BUCKET_STRANGE};
        return true;
    }
    if (strcmp(judged->id.text, before.text) == 0)
        return true;
    query_add_uuid(&q, judged->id);
    return bucket_sweep_ask(tools, &q, &judged->fate, reterr);
}

static bool look_for_rows(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                          struct err *reterr)
{
    static const struct bucket_sweep PICTURES = {IMAGE_BUCKET, judge};

    return bucket_sweep_look(tools, sweep, &PICTURES, look, reterr);
}

const struct sweep OBJECT_UNOWNED = {
    .name = "object_unowned", .every_s = EVERY_S, .limit = BUCKET_SWEEP_PAGE, .look = look_for_rows};
