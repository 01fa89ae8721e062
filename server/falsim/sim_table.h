#pragma once
/* All accepted requests, newest SIM_MAX_REQUESTS of them. Everything here is called with the lock held; what it returns
   may be used until the lock is given back. */
#include <pthread.h>

#include "falsim/sim_request.h"

enum { SIM_MAX_REQUESTS = 20000 };

struct sim_table;
struct sim_table *sim_table_open(void);
void sim_table_close(struct sim_table *table);
void sim_table_lock(struct sim_table *table);
void sim_table_unlock(struct sim_table *table);
/* Wakes those who wait for something to do. */
void sim_table_changed(struct sim_table *table);
/* Gives the lock back while it waits for a change, or until the moment (wall clock; 0: none). */
void sim_table_wait(struct sim_table *table, int64_t until_us);

/* Takes the request over; the oldest finished one makes room for it. NULL: there is none (a 429). */
struct sim_request *sim_table_add(struct sim_table *table, struct sim_request *request);
struct sim_request *sim_table_find(struct sim_table *table, struct text id);
/* Done: out of the queue. */
void sim_table_finish(struct sim_table *table, struct sim_request *request);

/* How many of the queued stand before it. */
int sim_table_position(const struct sim_table *table, const struct sim_request *request);
int sim_table_queue_length(const struct sim_table *table, struct text endpoint_id);

/* Walks: NULL ends. */
struct sim_request *sim_table_next_active(const struct sim_table *table, const struct sim_request *after);
struct sim_request *sim_table_oldest(const struct sim_table *table);
struct sim_request *sim_table_newest(const struct sim_table *table);
struct sim_request *sim_table_newer(const struct sim_table *table, const struct sim_request *than);
struct sim_request *sim_table_older(const struct sim_table *table, const struct sim_request *than);
