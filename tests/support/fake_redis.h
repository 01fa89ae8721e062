#pragma once
/* A redis_link.h that speaks to nobody: tests look at the question and answer by hand. One question is waited for at a
   time; what nobody waits for is written down. */
#include "redis/redis_link.h"

void fake_redis_reset(bool ready); /* before each test; ready: questions are taken */

bool fake_redis_waits(void);
const char *fake_redis_asked(void); /* the words of the question that is waited for, or was last, with spaces between */
/* Of the commands that nobody waits for: how many since the reset, the latest one's words as above, and its n-th word.
 */
int fake_redis_told(void);
const char *fake_redis_last_told(void);
struct text fake_redis_told_word(int n);
int fake_redis_cancelled(void);

void fake_redis_answer(enum redis_answer_kind kind, struct text text);
