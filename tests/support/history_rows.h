#pragma once
/* Rows of generations as their pages read them (history_one, history_of), and the answer to that question. */
#include <stdbool.h>

/* What a row differs in from the others. NULL: as usual. */
struct history_row {
    const char *id, *status, *prompt, *position, *ran, *error, *parameters, *images, *cancelling, *avatar_gone, *preset;
    const char *cost, *charged, *waiting, *batch, *usual, *parent_image,
        *retry_of; /* charged NULL: all when it is completed, else nothing */
};

#define HISTORY_ROW_ID "01990000-0000-7000-8000-0000000000b0"
enum { HISTORY_ROWS_MAX = 25 };

/* Of the house's user, who lives in Kathmandu; the query must be the one that is waited for. */
void history_rows_answer(const struct history_row *rows, int count);
