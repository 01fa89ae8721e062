#pragma once
/* Comparing JSON as trees: the order of members does not matter, numbers are compared by value. */
#include <stdbool.h>
#include <yajl/yajl_tree.h>

bool json_same_values(yajl_val a, yajl_val b);
/* Both are whole documents; one that does not parse is like no other. */
bool json_same(const char *a, const char *b);
