#include "support/history_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/fake_generation.h"

enum { COLUMNS = 37 };

static const char * or (const char *given, const char *otherwise) { return given ? given : otherwise; }

static void fill(const struct history_row *g, const char *to[COLUMNS])
{
    bool is_completed = strcmp(g->status, "completed") == 0;
    bool ended = is_completed || g->error || strcmp(g->status, "cancelled") == 0;
    const char *const row[COLUMNS] = {"Анна <b>",
                                      "2026-01-15 15:45:00",
                                      "2026-01-15",
                                      or (g->id, HISTORY_ROW_ID),
                                      FAKE_AVATAR,
                                      or (g->avatar_gone, "f"),
                                      g->status,
                                      or (g->prompt, "A cat"),
                                      "ANNA A cat",
                                      or (g->preset, "balanced"),
                                      "fal-ai/flux-lora",
                                      or (g->parameters, "{\"image_size\":\"square_hd\"}"),
                                      "7",
                                      NULL,
                                      g->error,
                                      "web",
                                      or (g->images, "1"),
                                      "3",
                                      or (g->cost, "8"),
                                      or (g->charged, !ended         ? "-1"
                                                      : is_completed ? or (g->cost, "8")
                                                                     : "0"),
                                      or (g->batch, "f"),
                                      NULL,
                                      NULL,
                                      g->parent_image,
                                      g->retry_of,
                                      or (g->cancelling, "f"),
                                      "3.5",
                                      or (g->ran, "0"),
                                      ended ? "20" : "-1",
                                      "2026-01-15 10:00:00+00",
                                      g->ran ? "2026-01-15 10:00:05+00" : NULL,
                                      ended ? "2026-01-15 10:00:25+00" : NULL,
                                      g->waiting,
                                      or (g->position, "-1"),
                                      or (g->ran, "0"),
                                      or (g->usual, "35"),
                                      "2"};

    memcpy(to, row, sizeof row);
}

void history_rows_answer(const struct history_row *rows, int count)
{
    const char *values[HISTORY_ROWS_MAX * COLUMNS];

    assert_true(fake_db_waits() && count <= HISTORY_ROWS_MAX);
    assert_non_null(strstr(fake_db_sql(), "FROM generations g WHERE g.user_id = $1"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    assert_string_equal(fake_db_value(2), "Asia/Kathmandu");
    for (int i = 0; i < count; i++)
        fill(&rows[i], &values[i * COLUMNS]);
    fake_db_answer(fake_rows(COLUMNS, count, values));
}
