#include "falsim/paint_dice.h"

struct dice dice_make(uint64_t seed, struct text prompt, int index)
{
    struct dice dice = {seed ^ 0x9e3779b97f4a7c15u};

    for (size_t i = 0; i < prompt.len; i++) /* FNV-1a */
        dice.state = (dice.state ^ (unsigned char)prompt.at[i]) * 0x100000001b3u;
    dice.state += (uint64_t)index * 0xd1342543de82ef95u;
    (void)dice_next(&dice);
    return dice;
}

uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

double dice_between(struct dice *dice, double low, double high)
{
    return low + (high - low) * ((double)(dice_next(dice) >> 11) / 9007199254740992.0);
}

int dice_below(struct dice *dice, int count) { return (int)(dice_next(dice) % (uint64_t)count); }
