#pragma once
/* What a user has made so far, in figures: of counts that triggers keep (migrations/0018_counts.sql), so that they cost
   the same beside two hundred generations and two hundred thousand. */
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

enum { TALLY_MONTHS = 12, TALLY_TEMPLATES = 20 };

/* Of a group of generations that have ended. */
struct tally {
    int64_t completed, failed, cancelled, credits, timed;
    double seconds; /* generation_time of the timed ones together */
};

struct tally_pictures {
    int64_t shown, favorites, quarantined, trashed; /* the first three: not in the trash */
};

struct tally_summary {
    struct tally all, this_month;
    struct tally_pictures pictures;
    char month[8]; /* the present one in the user's time zone: "2026-01" */
    int64_t active;
    char first_at[ROW_TIME_ROOM]; /* "": there is none */
};

/* Rows for tally_summary_of and tally_write, of one user; months are those of the time zone. Bounded however long the
   user's history is. */
struct query tally_of(struct uuid user, const char *time_zone);
struct tally_summary tally_summary_of(const PGresult *rows);
double tally_average(const struct tally *tally); /* seconds; < 0: not known */
/* As the contract has it. */
void tally_write(struct json_out *out, const PGresult *rows);
