#pragma once
/* The whole simulator: what main.c opens and every part of it works with. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct sim_config {
    const char *listen;     /* "127.0.0.1:8100" */
    const char *public_url; /* without a slash at the end; NULL: http://{listen} */
    int64_t generation_ms, training_ms;
    int64_t webhook_first_ms; /* pause before the first repetition; doubles up to a minute */
    int64_t concurrency;      /* requests that run at the same time; 0: any number */
    int64_t result_ttl_s, large_result_ttl_s, file_ttl_s; /* how long they are kept; 0: for ever */
    uint64_t seed;                                        /* of chance; 0: taken from the kernel */
    const char *faults;                                   /* file or NULL */
    const char *state;                                    /* file or NULL: everything is forgotten at the end */
    const char *key;                                      /* "id:secret"; NULL: any of that form is fine */
    int64_t lora_mib;                                     /* about how large trained weights are */
    bool check_loras;                                     /* pictures need the weights that their input names */
    bool pro_trainer;                                     /* flux-pro-trainer still works */
    bool plain_pictures;                                  /* of one colour, for load */
    bool lenient_paths;                                   /* status and result also under the whole endpoint id */
};

struct sim_faults;
struct sim_files;
struct sim_hooks;
struct sim_keys;
struct sim_state;
struct sim_table;
struct sim_workers;

struct sim {
    struct sim_config config;
    char urls[2][256];              /* as asked for, and as it turned out */
    const char *_Atomic public_url; /* one of them */
    struct sim_table *table;
    struct sim_state *state; /* NULL: none */
    struct sim_files *files;
    struct sim_faults *faults;
    struct sim_keys *keys;
    struct sim_hooks *hooks;
    struct sim_workers *workers;
    atomic_bool stopping;
};
