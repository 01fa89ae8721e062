#pragma once
/* For tests of a worker's steps: one generation with its job, a real database, and a provider that answers as told. */
#include "base/config.h"
#include "catalog/catalog.h"
#include "generations/generation_job.h"
#include "support/tiny_http.h"

#define STATUS(word) "{\"status\":\"" word "\",\"request_id\":\"r\",\"queue_position\":2}"

enum { ANSWER_ROOM = 1000 };

extern struct bench {
    struct tiny_http *tiny;
    struct config config;
    struct catalog *catalog; /* of the tools */
    struct job_tools tools;
    struct journal *journal;
    char folder[64];
    struct uuid user; /* of the generation */
    struct job job;
    struct job_next next;
    struct err err;
    struct uuid generation;
    char request_id[64];
    char answers[4][ANSWER_ROOM];
} bench;

int bench_open(void **state);   /* of the group */
int bench_set_up(void **state); /* of each test: a pending generation with a slot, its job claimed */
int bench_tear_down(void **state);

void bench_add_wish(void); /* another one in its place */
void bench_admit(void);    /* whatever waits gets its turn */
void bench_claim(void);    /* the one job, whenever it is due */
bool bench_step(void);     /* next and err are of this step */
void bench_submit(void);   /* a step that is accepted */

struct tiny_answer bench_prepared(int slot, const char *status, const char *more, const char *body);
void bench_will_answer(const char *status, const char *more, const char *body);
void bench_will_answer_two(const char *first, const char *second);
/* It has ended; asked for what came of it, this. */
void bench_will_answer_result(const char *status, const char *body);
const char *bench_accepted_body(void);

/* "queued/rejected,accepted": the generation's status, and the states of its attempts. */
void bench_assert_now(const char *expected);
