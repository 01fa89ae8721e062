#pragma once
/* HTML pages are written into a buffer: markup of ours as it is, everything else through html_text. */
#include "base/buf.h"
#include "base/text.h"

/* With & < > " and ' escaped: right between tags and inside quoted attributes, and nowhere else (no scripts, no
   styles, no addresses). False: over the buffer's limit. */
bool html_text(struct buf *out, struct text text);
