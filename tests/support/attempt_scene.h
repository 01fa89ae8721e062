#pragma once
/* For tests of the statements about attempts: one generation in a real database, in any state, its job held. */
#include "generations/attempt.h"

/* JSON of two pictures. */
#define OUTPUTS                                                                                                        \
    "[{\"position\":0,\"image_id\":\"01990000-0000-7000-8000-0000000000f0\",\"url\":\"https://a/0\",\"nsfw\":false},"  \
    "{\"position\":1,\"image_id\":\"01990000-0000-7000-8000-0000000000f1\",\"url\":\"https://a/1\",\"nsfw\":true}]"

extern struct scene {
    struct uuid user, avatar, generation;
    struct job job;
    int64_t submission; /* 0: none */
    char request_id[64];
} scene;

int scene_open(void **state); /* of the group */
/* Another generation: "queued/accepted" is its status and the state of its one submission ("none"). */
void scene_play(const char *state);
void scene_add_generation(const char *status);
void scene_add_submission(const char *state, bool has_request); /* has_request: the provider's id for it is known */

const char *scene_now_at(void);     /* as in scene_play */
const char *scene_everything(void); /* that a statement may change, as one text; lives until the next call */
const char *scene_of_generation(const char *column);
const char *scene_of_submission(const char *column);

/* The statements on the scene. */
struct query scene_begin(void);
struct query scene_reject(void);
struct query scene_lose(void);
struct query scene_look(void);
struct query scene_abandon(void);
struct query scene_review(void);
struct query scene_requeue(void);
struct query scene_see_queued(void);
struct query scene_see_running(void);
struct query scene_make(void);
struct query scene_fail_it(void);
struct query scene_end_it(void);
struct query scene_complete(void);
struct query scene_ask_cancel(void);
struct query scene_hear_result(void);
struct query scene_hear_end(void);
struct query scene_hear_failure(void);
struct query scene_accept_it(void);
