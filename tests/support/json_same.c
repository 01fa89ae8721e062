#include "support/json_same.h"

#include <stdlib.h>
#include <string.h>

static yajl_val member(yajl_val object, const char *name)
{
    for (size_t i = 0; i < YAJL_GET_OBJECT(object)->len; i++)
        if (strcmp(YAJL_GET_OBJECT(object)->keys[i], name) == 0)
            return YAJL_GET_OBJECT(object)->values[i];
    return NULL;
}

static bool same_objects(yajl_val a, yajl_val b)
{
    if (YAJL_GET_OBJECT(a)->len != YAJL_GET_OBJECT(b)->len)
        return false;
    for (size_t i = 0; i < YAJL_GET_OBJECT(a)->len; i++)
        if (!json_same_values(YAJL_GET_OBJECT(a)->values[i], member(b, YAJL_GET_OBJECT(a)->keys[i])))
            return false;
    return true;
}

static bool same_arrays(yajl_val a, yajl_val b)
{
    if (YAJL_GET_ARRAY(a)->len != YAJL_GET_ARRAY(b)->len)
        return false;
    for (size_t i = 0; i < YAJL_GET_ARRAY(a)->len; i++)
        if (!json_same_values(YAJL_GET_ARRAY(a)->values[i], YAJL_GET_ARRAY(b)->values[i]))
            return false;
    return true;
}

/* By their digits first: seeds have more of them than a double. */
static bool same_numbers(const char *a, const char *b)
{
    bool whole = !strpbrk(a, ".eE") && !strpbrk(b, ".eE");

    if (whole)
        return strcmp(a, b) == 0;
    return !(strtod(a, NULL) < strtod(b, NULL)) && !(strtod(a, NULL) > strtod(b, NULL));
}

bool json_same_values(yajl_val a, yajl_val b)
{
    if (!a || !b || a->type != b->type)
        return false;
    switch (a->type) {
    case yajl_t_object: return same_objects(a, b);
    case yajl_t_array: return same_arrays(a, b);
    case yajl_t_number: return same_numbers(YAJL_GET_NUMBER(a), YAJL_GET_NUMBER(b));
    case yajl_t_string: return strcmp(a->u.string, b->u.string) == 0;
    default: return true;
    }
}

bool json_same(const char *a, const char *b)
{
    yajl_val left = yajl_tree_parse(a, NULL, 0), right = yajl_tree_parse(b, NULL, 0);
    bool same = json_same_values(left, right);

    yajl_tree_free(left);
    yajl_tree_free(right);
    return same;
}
