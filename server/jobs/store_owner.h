#pragma once
/* Whose the store of objects is: nothing is deleted in one that belongs to another database. The store's object
   STORE_OWNER in STORE_OWNER_BUCKET has the id of the table installation; it is written when it is missing, and either
   the store is empty or the database has pictures. */
#include "jobs/sweep.h"

#define STORE_OWNER_BUCKET "aisha-v2-owner"
#define STORE_OWNER "database"

/* is_empty: nothing was found in the bucket that is swept. False: it is not ours, or nobody can know: *reterr. */
bool store_owner_is_us(const struct sweep_tools *tools, bool is_empty, struct err *reterr);
