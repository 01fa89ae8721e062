#pragma once
/* What a LoRA training gives: weights and their configuration. */
#include <yajl/yajl_tree.h>

enum { SIM_LORA_MAX_MIB = 1024 };

struct sim;
struct sim_outcome;
struct sim_request;

/* Writes both files and the result that names them, or what faults make of them. */
void sim_lora_make(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret);
