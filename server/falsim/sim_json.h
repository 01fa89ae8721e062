#pragma once
/* JSON values written again: compact (as JavaScript would), or as Python's json.dumps(sort_keys=True) does, which is
   how fal.ai's webhook bodies look: sorted members, ", " and ": ", everything beyond ASCII as \uXXXX. Numbers keep
   their digits. False: the buffer's limit. */
#include <stdbool.h>
#include <yajl/yajl_tree.h>

#include "base/buf.h"

bool sim_json_python(struct buf *to, yajl_val value);
bool sim_json_compact(struct buf *to, yajl_val value);
