#include "support/picture_row.h"

#include <stddef.h>

#include "support/fake_db.h"

enum { COLUMNS = 30 };

#define OR(value, otherwise) ((value) ? (value) : (otherwise))

void picture_row_answer(struct picture_row p)
{
    fake_db_answer(fake_rows(COLUMNS, 1,
                             (const char *[]){PICTURE_ROW_ID,
                                              "01990000-0000-7000-8000-00000000000c",
                                              PICTURE_ROW_AVATAR,
                                              "2026/11/20/" PICTURE_ROW_ID ".jpg",
                                              "image/jpeg",
                                              OR(p.width, "1024"),
                                              OR(p.height, "768"),
                                              "34567",
                                              "18446744073709551615",
                                              "\\x3fb8f2fffe0102",
                                              OR(p.prompt, "кот на окне"),
                                              OR(p.preset, "fast"),
                                              "fal-ai/flux-lora",
                                              p.name,
                                              OR(p.favorite, "f"),
                                              OR(p.nsfw, "f"),
                                              "2026-11-19 18:20:30.123456+00",
                                              p.parent,
                                              OR(p.avatar, "Анна"),
                                              OR(p.avatar_deleted, "f"),
                                              OR(p.took, "12.42"),
                                              "2026-11-20 00:05:30",
                                              "2026-11-20",
                                              p.newer,
                                              p.older,
                                              OR(p.num_images, "1"),
                                              OR(p.children, "0"),
                                              OR(p.portrait, "t"),
                                              OR(p.lora, "t"),
                                              OR(p.finetune, "f")}));
}

void picture_row_answer_none(void) { fake_db_answer(fake_rows(COLUMNS, 0, NULL)); }
