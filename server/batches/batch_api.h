#pragma once
#include "http/call.h"

/* A body of 50 prompts of 1000 characters, each an escape of its own (\u0416), and what they have in common. */
enum { BATCH_BODY_LIMIT = 640 * 1024 };

struct next batch_create_asked(struct call *call); /* POST /api/v1/generations/batches */
struct next batch_list(struct call *call);         /* GET /api/v1/generations/batches */
struct next batch_show(struct call *call);         /* GET /api/v1/generations/batches/{id} */
struct next batch_cancel_asked(struct call *call); /* POST /api/v1/generations/batches/{id}/cancel */
