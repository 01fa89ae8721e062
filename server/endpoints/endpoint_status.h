#pragma once
/* What is known of each endpoint of the catalogue at this moment: how the operators have switched it, whether its
   breaker is closed, and what waits for it. */
#include "base/uuid.h"
#include "catalog/catalog.h"
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

enum { ENDPOINT_IDS_ROOM = CATALOG_ENDPOINTS_MAX * 68 + 8 };

/* Texts are borrowed from the rows; "" times are of what never happened. */
struct endpoint_breaker {
    bool open;                 /* nothing is sent but for a trial */
    char until[ROW_TIME_ROOM]; /* the next trial */
    int64_t trips;             /* in a row */
    const char *reason;        /* NULL: none */
};

struct endpoint_status {
    const struct endpoint *endpoint;
    enum endpoint_state state;
    const struct endpoint *replacement; /* NULL: none */
    const char *note;                   /* of who switched it; NULL: none */
    char changed_at[ROW_TIME_ROOM];     /* "": it is as it was shipped */
    struct uuid changed_by;             /* "": the command line, or somebody who is gone */
    struct endpoint_breaker breaker;
    int64_t waiting, at_provider; /* generations and trainings */
    int64_t vanished;             /* so often the provider said that there is no such endpoint */
    char vanished_at[ROW_TIME_ROOM];
};

struct endpoint_statuses {
    int count; /* in the order of the catalogue */
    struct endpoint_status at[CATALOG_ENDPOINTS_MAX];
    struct endpoint_breaker account; /* of everything that is sent */
};

/* The ids of the catalogue, and one for the account, as a text[] literal for endpoint_statuses. */
const char *endpoint_ids_write(const struct catalog *catalog, char to[ENDPOINT_IDS_ROOM]);
struct query endpoint_statuses(const char *ids);
/* A switched row that names a replacement of which the catalogue knows nothing has none. */
void endpoint_statuses_read(const struct catalog *catalog, const PGresult *rows, struct endpoint_statuses *ret);
/* NULL: there is no such endpoint. */
const struct endpoint_status *endpoint_statuses_find(const struct endpoint_statuses *statuses, const char *id);

void endpoint_status_write(struct json_out *out, const struct catalog *catalog, const struct endpoint_status *status);
/* {endpoints, account_breaker}. */
void endpoint_statuses_write(struct json_out *out, const struct catalog *catalog,
                             const struct endpoint_statuses *statuses);
