#pragma once
/* A visit to the create page and those of styles: their routes in a house, a user with a main portrait avatar, a style
   avatar and one that is in training, and the database's answers. */
#include "support/house.h"

#define VISIT_STYLE "01990000-0000-7000-8000-00000000000b"
#define VISIT_DRAFT "01990000-0000-7000-8000-00000000000c"
#define VISIT_LORA "https://v3.fal.media/a.safetensors"

/* For cmocka. "quality" is the visitor's preset. */
int visit_open(void **state);

bool visit_asks(const char *words); /* of the SQL that is waited for */
void visit_answer_nothing(void);

/* id, name, type, status, lora_url, finetune_id, is_main */
typedef const char *const visit_avatar[7];
extern visit_avatar VISIT_ANNA, VISIT_INK, VISIT_NEW;
/* The page's reads: the account, not open yet until visit_has says what it has; avatars. */
void visit_has(const char *granted, const char *available, const char *held, const char *spent);
void visit_answer_rows(int count, visit_avatar *const rows[]);
#define VISIT_OWN "01990000-0000-7000-8000-0000000000e1"
void visit_keeps_one(void);             /* a style of one's own, VISIT_OWN */
void visit_answer_own(bool there);      /* to who asks for that one */
void visit_answer_saved(void);          /* the same, when it was written */
void visit_likes(const char *style_id); /* a favourite; none at first */
/* Part of visit_answer_rows: favourites and own styles. */
void visit_answer_taste(void);
/* What the rows of styles need besides, on the create page as one comes to it: nothing is popular, nothing was made. */
void visit_answer_shelves(void);
void visit_answer_avatars(void); /* all three, the newest first */

/* Of the radio button with that id. */
bool visit_is_checked(const struct loopback *l, const char *id);
bool visit_is_disabled(const struct loopback *l, const char *id);
