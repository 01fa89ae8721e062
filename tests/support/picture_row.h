#pragma once
/* The row of a picture as its page reads it, and the answer to that question. */

#define PICTURE_ROW_ID "01990000-0000-7000-8000-00000000000a"
#define PICTURE_ROW_AVATAR "01990000-0000-7000-8000-00000000000d"

/* What it differs in from the usual one. NULL: as usual. */
struct picture_row {
    const char *prompt, *name, *nsfw, *favorite, *avatar, *avatar_deleted, *took, *preset, *newer, *older, *width,
        *height, *parent, *num_images, *children, *portrait, *lora, *finetune;
};

void picture_row_answer(struct picture_row p);
void picture_row_answer_none(void);
