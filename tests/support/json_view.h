#pragma once
/* JSON as the data of a template: objects, lists of anything, texts, numbers as they are written, true and false. */
#include <yajl/yajl_tree.h>

#include "view/value.h"

/* Its objects are at a yajl_val. */
extern const struct view_type json_view_type;
