#pragma once
/* What a user's open pages are told: a row per change, written by the statement or transaction that makes the change. */
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

/* For data-modifying statements of other domains: a WITH part that writes one event. The payload is the JSON of the
   contract's Event, made by the database from kind, id, action, status and progress (SQL expressions), for each row of
   the WITH part named source. */
#define EVENT_INSERT(source, kind, action, status, progress)                                                           \
    "INSERT INTO events (user_id, kind, ref, payload) SELECT user_id, '" kind "', id,"                                 \
    " json_build_object('type', '" kind "', 'id', id, 'action', '" action "', 'status', " status                       \
    ", 'progress', " progress ", 'at', to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))::text FROM " source
