#pragma once
#include "base/err.h"

/* Brings the schema up to date: runs every file of {folder} named NNNN_words.sql that has not run yet, in order, each
   in a transaction, under an advisory lock so that two processes do not. A file that has run must not change: its
   SHA-256 is kept and compared. ret_count: how many ran now. */
bool migrate_run(const char *url, const char *folder, int *ret_count, struct err *reterr);
