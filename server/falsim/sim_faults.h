#pragma once
/* Faults to order: a list of rules, replaced as a whole while the simulator runs. Callable from every thread. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct sim_fault {
    char op[16];
    char fault[32];
    char endpoint[96]; /* the id begins so; "": any */
    char prompt[96];   /* stands somewhere in the input; "": any */
    int64_t count;     /* so often yet */
    double probability;
    int64_t delay_ms; /* for those that take time */
};

struct sim_faults;
struct sim_faults *sim_faults_open(uint64_t seed);
void sim_faults_close(struct sim_faults *faults);

/* A JSON array of rules as docs/simulator.md describes them; nothing changes when one of them is wrong. */
bool sim_faults_set(struct sim_faults *faults, struct text json, struct err *reterr);
int sim_faults_count(struct sim_faults *faults); /* rules that may still strike */

/* Does a rule strike here? It is then counted. among limits which faults are meant (names separated by spaces); NULL:
   all of the op. */
bool sim_faults_strike(struct sim_faults *faults, const char *op, const char *among, struct text endpoint,
                       struct text input, struct sim_fault *ret);
