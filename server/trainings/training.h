#pragma once
/* A training: the row, its JSON, its queries. */
#include "base/messages.h"
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

#define TRAINING_FINAL "('completed', 'failed', 'cancelled')"

struct training {
    struct uuid id, avatar;
    char status[12]; /* "pending", "submitting", "queued", "running", "storing", "completed", "failed", "cancelled" */
    int64_t version;
    char preset[12], endpoint[64];
    int64_t photos, cost, charged /* -1: not ended yet */, progress /* percent */;
    int64_t queue_position; /* from 0; -1: not known */
    int64_t seconds_left;   /* as long as such trainings took until now; -1: not known, or ended */
    bool cancel_requested;
    char waiting_for[24]; /* code of what keeps it, other than its own work; "": nothing */
    char error_code[40];  /* "": none */
    char created_at[ROW_TIME_ROOM], started_at[ROW_TIME_ROOM], finished_at[ROW_TIME_ROOM]; /* "": not yet */
};

struct training training_from_row(struct row row);
bool training_status_is_final(const char *status);
/* The contract's Training, as one value. */
void training_write(struct json_out *out, const struct training *training, enum lang lang);

/* The avatar's latest; no row: none was ever begun, or there is no such avatar. */
struct query training_latest(struct uuid user, struct uuid avatar);
struct query training_by_id(struct uuid user, struct uuid id);
/* Asks for its end; the provider's answer decides, unless it was not sent yet, or its model cannot be stored. The row
   as it is then; no row: none runs. */
struct query training_cancel(struct uuid user, struct uuid avatar);
