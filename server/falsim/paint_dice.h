#pragma once
/* Chance for the painter: splitmix64, so that the same seed gives the same picture on every machine. */
#include <stdint.h>

#include "base/text.h"

struct dice {
    uint64_t state;
};

struct dice dice_make(uint64_t seed, struct text prompt, int index);
uint64_t dice_next(struct dice *dice);
double dice_between(struct dice *dice, double low, double high);
int dice_below(struct dice *dice, int count); /* 0 … count - 1 */
