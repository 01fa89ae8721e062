#pragma once
/* Rows of generations, of their pictures and of an avatar for tests with fake_db.h. */
#include "db/rows.h"

#define FAKE_USER "01990000-0000-7000-8000-000000000001"
#define FAKE_AVATAR "01990000-0000-7000-8000-00000000000a"

struct fake_generation {
    const char *id, *status, *seed, *error, *position, *ran, *took, *finished; /* as PostgreSQL writes them */
    /* NULL: as it usually is in that state. */
    const char *waiting, *cost, *charged, *batch, *usual, *slots;
    const char *template_id, *batch_id, *parent_image, *retry_of; /* NULL: none */
};

/* One row for generation_from_row, for tests that have columns before it or other texts in it. */
enum { FAKE_GENERATION_COLUMNS = 34 };
void fake_generation_fill(const struct fake_generation *g, const char *to[FAKE_GENERATION_COLUMNS]);

/* For generation_from_row, in the order given. */
PGresult *fake_generations(const struct fake_generation *generations, int count);
/* count pictures of one generation, for image_from_row. */
PGresult *fake_images(const char *generation, int count);
/* For avatar_from_row. */
PGresult *fake_avatar(const char *type, const char *status, const char *lora_url, const char *finetune_id);
