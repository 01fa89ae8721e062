#include "falsim/sim_chance.h"

#include <stdlib.h>
#include <string.h>

#include "falsim/paint_dice.h"
#include "json/json_in.h"

enum { SLOTS = 1 << 18, MAX_PARSED = 1 << 20, MAX_HASHED = 1 << 16 };

struct slot {
    uint64_t key; /* 0: free */
    int turns;
};

struct sim_chance {
    uint64_t seed;
    int used;
    struct slot slots[SLOTS];
};

struct sim_chance *sim_chance_open(uint64_t seed)
{
    struct sim_chance *chance = calloc(1, sizeof *chance);

    if (!chance)
        abort();
    chance->seed = seed;
    return chance;
}

void sim_chance_close(struct sim_chance *chance) { free(chance); }

void sim_chance_reset(struct sim_chance *chance)
{
    if (chance->used)
        memset(chance->slots, 0, sizeof chance->slots);
    chance->used = 0;
}

static uint64_t mix(uint64_t with, struct text t)
{
    struct dice dice =
        dice_make(with, (struct text){t.at, t.len < MAX_HASHED ? t.len : MAX_HASHED}, (int)(t.len & 0xffffff));

    return dice_next(&dice);
}

/* False: it has no such text. */
static bool mix_words(yajl_val input, uint64_t *key)
{
    static const char *const WORDS[] = {"prompt", "trigger_phrase", "trigger_word", "finetune_comment"};
    bool any = false;

    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        const char *text = json_get_text(input, WORDS[i]);
        if (text)
            *key = mix(*key + i, text_of(text));
        any |= text != NULL;
    }
    return any;
}

uint64_t sim_chance_key(struct text endpoint, struct text input, enum sim_by by)
{
    uint64_t key = mix(0, endpoint), seed;
    struct err err;
    yajl_val parsed;
    bool any;

    if (input.len > MAX_PARSED || !json_parse(input, &parsed, &err))
        return mix(key, input);
    any = mix_words(parsed, &key);
    if (!any)
        key = mix(key, input);
    if (any && by == SIM_BY_SEED && json_get_uint64(parsed, "seed", &seed))
        key = mix(key ^ seed, TEXT("seed"));
    yajl_tree_free(parsed);
    return key;
}

/* Which turn it is, from 0. A table that is nearly full begins anew: all that it costs is that turns repeat. */
static int next_turn(struct sim_chance *chance, uint64_t key)
{
    size_t at = key % SLOTS;

    if (chance->used > SLOTS / 4 * 3)
        sim_chance_reset(chance);
    while (chance->slots[at].key && chance->slots[at].key != key)
        at = (at + 1) % SLOTS;
    chance->used += !chance->slots[at].key;
    chance->slots[at].key = key;
    return chance->slots[at].turns++;
}

double sim_chance_throw(struct sim_chance *chance, int rule, uint64_t key)
{
    uint64_t of_rule = mix(key + (uint64_t)rule, TEXT("rule")) | 1;
    struct dice dice = dice_make(chance->seed ^ of_rule, TEXT("faults"), next_turn(chance, of_rule));

    return dice_between(&dice, 0, 1);
}
