#pragma once
/* What should not be with trainings. */
#include "jobs/sweep.h"

/* One that has not ended, or whose photos' archive still lies about, and that no job works on: gets a job. */
extern const struct sweep TRAINING_LOST;
/* An avatar that learns, though no training of it runs: is what it was before. */
extern const struct sweep AVATAR_STUCK;
/* Reported: a training whose credits are in the book otherwise than its state says. */
extern const struct sweep TRAINING_LEDGER;
/* Reported: a dead job of one that has not ended. */
extern const struct sweep TRAINING_DEAD;
