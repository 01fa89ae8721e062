#pragma once
/* Are the LoRAs of an input where it says, as a model that loads them would find out? */
#include <stdbool.h>
#include <yajl/yajl_tree.h>

struct sim;
struct sim_outcome;

/* False: one cannot be fetched (422 file_download_error), or does not begin as weights do (422, of the same type). */
bool sim_lora_check(struct sim *sim, yajl_val input, struct sim_outcome *ret);
