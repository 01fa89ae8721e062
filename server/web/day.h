#pragma once
/* Days and times in words, from what the database says they are in the reader's time zone. */
#include "base/messages.h"
#include "base/text.h"
#include "view/texts.h"

enum { DAY_ROOM = 80 };

/* "Сегодня", "Вчера", "15 января", and with the year when it is not today's. date and today: "2026-01-15", other text
   may follow. What is no date is given back as it is. */
void day_title(const struct texts *texts, enum lang lang, struct text date, struct text today, char to[DAY_ROOM]);
/* The same with the time of day: "Вчера, 14:03". moment: "2026-01-15 14:03:22". */
void day_moment(const struct texts *texts, enum lang lang, struct text moment, struct text today, char to[DAY_ROOM]);
