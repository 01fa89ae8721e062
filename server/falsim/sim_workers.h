#pragma once
/* Moves requests through the queue: starts them when there is room, makes their results beside the event loop, ends
   them when their time has passed. */
struct sim;
struct sim_request;
struct sim_workers;

struct sim_workers *sim_workers_start(struct sim *sim);
void sim_workers_stop(struct sim_workers *workers);

/* Ends a request that somebody cancelled. Called with the table's lock held. */
void sim_workers_cancel(struct sim *sim, struct sim_request *request);
