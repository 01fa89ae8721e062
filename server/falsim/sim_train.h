#pragma once
/* Results of the models that train: the archive is looked into, the product is a small stand-in of the right kind. */
#include <yajl/yajl_tree.h>

struct sim;
struct sim_outcome;
struct sim_request;

void sim_train(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret);
