#include "support/fake_generation.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "support/fake_db.h"

enum { MAX_ROWS = 8, IMAGE_COLUMNS_COUNT = 18, AVATAR_COLUMNS_COUNT = 21 };

static const char * or (const char *given, const char *otherwise) { return given ? given : otherwise; }

/* What an end costs: the price of what was delivered. */
static const char *charged(const struct fake_generation *g)
{
    if (strcmp(g->status, "completed") == 0)
        return or (g->cost, "2");
    return strcmp(g->status, "failed") == 0 || strcmp(g->status, "cancelled") == 0 ? "0" : "-1";
}

void fake_generation_fill(const struct fake_generation *g, const char *to[FAKE_GENERATION_COLUMNS])
{
    bool pending = strcmp(g->status, "pending") == 0;
    const char *const row[FAKE_GENERATION_COLUMNS] = {g->id,
                                                      FAKE_AVATAR,
                                                      "f",
                                                      g->status,
                                                      "A cat",
                                                      "ANNA A cat",
                                                      "fast",
                                                      "fal-ai/flux-lora",
                                                      "{\"x\":1}",
                                                      g->seed,
                                                      NULL,
                                                      g->error,
                                                      "api",
                                                      "1",
                                                      "3",
                                                      or (g->cost, "2"),
                                                      or (g->charged, charged(g)),
                                                      or (g->batch, "f"),
                                                      g->template_id,
                                                      g->batch_id,
                                                      g->parent_image,
                                                      g->retry_of,
                                                      "f",
                                                      "3.5",
                                                      g->ran,
                                                      g->took,
                                                      "2026-01-15 10:00:00.5+00",
                                                      strcmp(g->ran, "0") != 0 ? "2026-01-15 10:00:01+00" : NULL,
                                                      g->finished,
                                                      pending ? or (g->waiting, "waiting_queue") : g->waiting,
                                                      g->position,
                                                      g->ran,
                                                      or (g->usual, "10"),
                                                      or (g->slots, "2")};

    memcpy(to, row, sizeof row);
}

PGresult *fake_generations(const struct fake_generation *generations, int count)
{
    const char *values[MAX_ROWS * FAKE_GENERATION_COLUMNS];

    assert(count <= MAX_ROWS);
    for (int i = 0; i < count; i++)
        fake_generation_fill(&generations[i], &values[i * FAKE_GENERATION_COLUMNS]);
    return fake_rows(FAKE_GENERATION_COLUMNS, count, values);
}

PGresult *fake_images(const char *generation, int count)
{
    const char *values[MAX_ROWS * IMAGE_COLUMNS_COUNT];
    char ids[MAX_ROWS][40];

    assert(count <= MAX_ROWS);
    for (int i = 0; i < count; i++) {
        const char *row[IMAGE_COLUMNS_COUNT] = {ids[i],
                                                generation,
                                                FAKE_AVATAR,
                                                "2026/01/15/x.jpg",
                                                "image/jpeg",
                                                "1024",
                                                "768",
                                                "1000",
                                                "7",
                                                "\\x01",
                                                "A cat",
                                                "fal-ai/flux-lora",
                                                "e",
                                                NULL,
                                                "f",
                                                "f",
                                                "2026-01-15 10:00:05+00",
                                                NULL};
        (void)snprintf(ids[i], sizeof ids[i], "01990000-0000-7000-8000-0000000000c%d", i);
        memcpy(&values[i * IMAGE_COLUMNS_COUNT], row, sizeof row);
    }
    return fake_rows(IMAGE_COLUMNS_COUNT, count, values);
}

PGresult *fake_avatar(const char *type, const char *status, const char *lora_url, const char *finetune_id)
{
    const char *const row[AVATAR_COLUMNS_COUNT] = {FAKE_AVATAR,
                                                   FAKE_USER,
                                                   "A",
                                                   "female",
                                                   type,
                                                   status,
                                                   "100",
                                                   NULL,
                                                   "ANNA",
                                                   lora_url,
                                                   finetune_id,
                                                   NULL,
                                                   "t",
                                                   "1",
                                                   "1",
                                                   NULL,
                                                   "2026-01-15 10:00:00+00",
                                                   "2026-01-15 10:00:00+00",
                                                   NULL,
                                                   NULL,
                                                   NULL};

    return fake_rows(AVATAR_COLUMNS_COUNT, 1, row);
}
