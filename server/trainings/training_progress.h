#pragma once
/* How far a training is, in percent, as well as anybody can know: the provider gives no number. Pure. */
#include <stdint.h>

enum { TRAINING_QUEUED_PERCENT = 3, TRAINING_STARTED_PERCENT = 5, TRAINING_MOST_PERCENT = 95 };

/* Of a running one. share: what its log says, 0..1; -1: nothing. running_s: since it was seen to run; expected_s (> 0):
   what such trainings took. From TRAINING_STARTED_PERCENT to TRAINING_MOST_PERCENT. By time alone it comes to 85 when
   the expected time is over, and then nearer and nearer to the end, which only the result is. */
int training_progress(double share, int64_t running_s, int64_t expected_s);
