#pragma once
/* Faults to order: a list of rules, replaced as a whole while the simulator runs. Callable from every thread. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* Names of faults, separated by spaces: answers with a status of their own, and those that are none. */
#define SIM_REFUSALS "400 401 402 403 404 408 409 422 429 500 502 503 504"
#define SIM_NO_ANSWERS "garbage truncated oversized close reset hang"
#define SIM_BEHIND_THE_DOOR                                                                                            \
    "garbage truncated oversized slow accept_then_408 accept_then_409 accept_then_500 accept_then_502 "                \
    "accept_then_504 accept_then_close accept_then_reset accept_then_hang"

struct sim_fault {
    char op[16];
    char fault[32];
    char endpoint[96]; /* the id begins so; "": any */
    char prompt[96];   /* stands somewhere in the input; "": any */
    int64_t count;     /* so often yet */
    double probability;
    char by[8];       /* what chance knows a request by: "prompt", "seed" */
    int64_t delay_ms; /* for those that take time */
    int64_t times;    /* for those that repeat */
};

struct sim_faults;
struct sim_faults *sim_faults_open(uint64_t seed);
void sim_faults_close(struct sim_faults *faults);

/* A JSON array of rules as docs/simulator.md describes them; nothing changes when one of them is wrong. */
bool sim_faults_set(struct sim_faults *faults, struct text json, struct err *reterr);
int sim_faults_count(struct sim_faults *faults); /* rules that may still strike */

/* Does a rule strike here? It is then counted. among limits which faults are meant (names separated by spaces); NULL:
   all of the op. Where a rule leaves it to chance, the same requests are struck in every run with the same seed. */
bool sim_faults_strike(struct sim_faults *faults, const char *op, const char *among, struct text endpoint,
                       struct text input, struct sim_fault *ret);
