#pragma once
/* Results of the models that make pictures. */
#include <yajl/yajl_tree.h>

struct sim;
struct sim_outcome;
struct sim_request;

void sim_draw(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret);
