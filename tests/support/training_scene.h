#pragma once
/* For tests of the statements about trainings: one training in a real database, in any state, its job held. */
#include "trainings/training_attempt.h"

extern struct training_scene {
    struct uuid user, avatar, training;
    struct job job;
    int64_t attempt;
} training_scene;

int training_scene_open(void **state); /* of the group */
/* Another user, avatar (with a model when had_model) and training, in that status; what is sent has an attempt's number
   and, from queued on, a request's id, "r-" and the training's id. */
void training_scene_play(const char *status, bool had_model);
/* "queued 3 | training 3 | held 240": of the training, its avatar and the account. */
const char *training_scene_now(void);
struct uuid training_scene_avatar(struct uuid user, const char *status, int photos);
