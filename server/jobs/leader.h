#pragma once
/* One process among many does what only one should. It leads by a row that it renews; whoever finds the row's time run
   out takes over with the next epoch. A leader that was frozen does no harm when it wakes: every statement that changes
   something names its holder and epoch, and holds the row while it runs, so that none is left running when another
   leads. Time is PostgreSQL's. */
#include "db/pg.h"

enum { LEADER_RENEW_MS = 5000, LEADER_LEASE_S = 15 };

struct leader {
    const char *name; /* static */
    struct uuid holder;
    int64_t epoch; /* 0: does not lead */
    int64_t renewed_ms;
};

/* A holder of its own for every start of a process. */
struct leader leader_make(const char *name);
/* Takes the lead when nobody has it, and renews it when that is due. True: leads. False: another does ("not_leading"),
   or the database did not answer: then it leads no more. */
bool leader_keep(struct leader *leader, struct pg *pg, struct err *reterr);
/* Gives it up, so that another may take it at once. */
void leader_release(struct leader *leader, struct pg *pg);

/* A statement that has an effect only while it leads: $1 and $2 are the leader's, parameters begin with $3.
   Use: WITH LEADER_LOCK("name"), ... WHERE ... AND LEADER_LEADS. */
#define LEADER_LOCK(name)                                                                                              \
    "lead AS MATERIALIZED (SELECT FROM leaders WHERE name = '" name                                                    \
    "' AND holder = $1 AND epoch = $2 AND until > now() FOR SHARE)"
#define LEADER_LEADS "EXISTS (SELECT FROM lead)"
struct query leader_query(const struct leader *leader, const char *sql, const char *query_name);
