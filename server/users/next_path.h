#pragma once
/* Where to go after signing in: a path of this site, and never a way to another one. */
#include "base/text.h"

enum { NEXT_PATH_MAX = 200 };

/* As the contract's LinkCreate.next: ^/([A-Za-z0-9._~-][A-Za-z0-9._~/-]*)?(\?[A-Za-z0-9._~=&-]*)?$ in at most
   NEXT_PATH_MAX bytes. Without '%', '\\', '@', ':' and control characters, and with no second slash at the start,
   browsers cannot read an address of another site into it. */
bool next_path_is_safe(struct text path);
