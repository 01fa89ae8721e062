#include "photos/photo_sweeps.h"

#include "jobs/bucket_sweep.h"
#include "photos/photo.h"

enum { EVERY_S = 60 };

enum key_kind { KEY_STRANGE, KEY_PHOTO, KEY_ARCHIVE, KEY_UPLOAD };

/* "{avatar}/{photo}.jpg", "trainings/{training}/{attempt}.zip", "incoming/{avatar}/{upload}.bin"; *ret_id: of the row.
 */
static enum key_kind kind_of(const char *key, struct uuid *ret_id)
{
    enum { ID = sizeof ret_id->text - 1 };
    struct text name = text_of(key), folder = text_cut(&name, '/');
    struct uuid avatar;

    if (!name.at || name.len <= ID || !uuid_read((struct text){name.at, ID}, ret_id))
        return KEY_STRANGE;
    if (text_equal(folder, TEXT("trainings")))
        return KEY_ARCHIVE;
    if (text_equal(folder, TEXT("incoming")))
        return KEY_UPLOAD;
    return uuid_read(folder, &avatar) ? KEY_PHOTO : KEY_STRANGE;
}

/* In one statement, and only for who leads. A key that is in no row now never comes into one: ids are made once. */
static bool judge(const struct sweep_tools *tools, const char *key, struct bucket_judged *judged, struct err *reterr)
{
    static const struct uuid NONE;
    struct uuid id;
    enum key_kind kind = kind_of(key, &id);
    struct query q = leader_query(tools->leader,
                                  "WITH " SWEEP_LOCK " SELECT NOT EXISTS (SELECT FROM photos WHERE id = $3)"
                                  " AND NOT EXISTS (SELECT FROM trainings WHERE id = $4 AND archive_key = $5)"
                                  " WHERE " SWEEP_LEADS,
                                  __func__);

    judged->fate = BUCKET_STRANGE;
    if (kind == KEY_STRANGE)
        return true;
    query_add_uuid(&q, kind == KEY_PHOTO ? id : NONE);
    query_add_uuid(&q, kind == KEY_ARCHIVE ? id : NONE);
    query_add_text(&q, key);
    return bucket_sweep_ask(tools, &q, &judged->fate, reterr);
}

static bool look_for_rows(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                          struct err *reterr)
{
    static const struct bucket_sweep PHOTOS = {PHOTO_BUCKET, judge};

    return bucket_sweep_look(tools, sweep, &PHOTOS, look, reterr);
}

const struct sweep PHOTO_UNOWNED = {
    .name = "photo_unowned", .every_s = EVERY_S, .limit = BUCKET_SWEEP_PAGE, .look = look_for_rows};
