#include "support/training_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/sql.h"
#include "trainings/training.h"

struct training_scene training_scene;

int training_scene_open(void **state)
{
    if (sql_open(state) != 0)
        return -1;
    log_set_level(LOG_ERROR);
    return 0;
}

struct uuid training_scene_avatar(struct uuid user, const char *status, int photos)
{
    struct uuid id = uuid_make();
    char sql[900];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO avatars (id, user_id, name, gender, training_type, status, lora_url, trigger_text)"
                   " VALUES ('%s', '%s', 'A', 'female', 'portrait', '%s', %s, 'TOK');"
                   "INSERT INTO photos (id, avatar_id, user_id, status, file_hash, file_size, look, width, height,"
                   " object_key, bytes, placeholder, sharpness, brightness, quality) SELECT gen_random_uuid(), '%s',"
                   " '%s', 'valid', decode(md5(n::text), 'hex'), 9, n, 600, 600, 'k' || n, 5, '', 2, 100, 0.9"
                   " FROM generate_series(1, %d) n",
                   id.text, user.text, status, strcmp(status, "completed") == 0 ? "'https://old/lora'" : "NULL",
                   id.text, user.text, photos);
    sql_do(sql);
    return id;
}

void training_scene_play(const char *status, bool had_model)
{
    bool sent = strcmp(status, "pending") != 0, known = sent && strcmp(status, "submitting") != 0;
    char sql[1400];

    training_scene.user = sql_user("trains");
    training_scene.avatar = training_scene_avatar(training_scene.user, had_model ? "completed" : "draft", 12);
    training_scene.training = uuid_make();
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO trainings (id, avatar_id, user_id, preset, endpoint, input, trigger_text, photos, cost,"
        " expected_seconds) VALUES ('%s', '%s', '%s', 'fast', 'e', '{\"a\":1}', 'TOK', 12, 240, 100);"
        "UPDATE trainings SET request_id = 'r-' || id, result_lora_url = 'https://fal/lora' WHERE id = '%s' AND %s;"
        "UPDATE trainings SET status = '%s', progress = 3%s WHERE id = '%s';"
        "INSERT INTO jobs (kind, ref, state, epoch, worker_id, run_at)"
        " VALUES ('training', '%s', 'leased', 3, 1, now() + interval '1 hour')",
        training_scene.training.text, training_scene.avatar.text, training_scene.user.text,
        training_scene.training.text, known ? "true" : "false", status,
        sent ? ", sent_at = now(), attempt = nextval(pg_get_serial_sequence('submissions', 'id')), attempts = 1" : "",
        training_scene.training.text, training_scene.training.text);
    sql_do(sql);
    training_scene.job = (struct job){.kind = "training", .ref = training_scene.training, .epoch = 3};
    training_scene.job.id =
        strtoll(sql_value("SELECT id FROM jobs WHERE ref = '%s'", training_scene.training.text), NULL, 10);
    training_scene.attempt =
        strtoll(sql_value("SELECT COALESCE(attempt, 0) FROM trainings WHERE id = '%s'", training_scene.training.text),
                NULL, 10);
}

const char *training_scene_now(void)
{
    return sql_value(
        "SELECT concat_ws(' ', t.status, t.progress, '|', a.status, a.training_progress, a.error_code, '|',"
        " 'held', c.held, 'spent', c.spent) FROM trainings t JOIN avatars a ON a.id = t.avatar_id"
        " JOIN accounts c ON c.user_id = t.user_id WHERE t.id = '%s'",
        training_scene.training.text);
}
