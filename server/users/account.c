#include "users/account.h"

#include <inttypes.h>
#include <stdio.h>

#define ACCOUNT_COLUMNS "granted, available, held, spent"

struct query account_of(struct uuid user)
{
    struct query q = query_read("SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE user_id = $1");

    query_add_uuid(&q, user);
    return q;
}

struct account account_from_rows(const PGresult *rows, int64_t first_grant)
{
    struct account account = {.granted = first_grant, .available = first_grant};
    struct row row;

    if (rows_count(rows) == 0)
        return account;
    row = rows_at(rows, 0);
    account.granted = row_int64(&row);
    account.available = row_int64(&row);
    account.held = row_int64(&row);
    account.spent = row_int64(&row);
    return account;
}

struct query account_open(struct uuid user, int64_t first_grant)
{
    struct query q = query_write("SELECT account_open(id, $2) FROM users WHERE id = $1");

    query_alone(&q); /* of two at once one waits for the other */
    query_add_uuid(&q, user);
    query_add_int64(&q, first_grant);
    return q;
}

struct query account_grant(struct uuid user, int64_t credits, const char *reason)
{
    struct query q = query_write("WITH a AS (UPDATE accounts SET granted = granted + $2, available = available + $2"
                                 " WHERE user_id = $1 RETURNING user_id, " ACCOUNT_COLUMNS "),"
                                 " entry AS (INSERT INTO ledger (user_id, kind, amount, reason)"
                                 " SELECT user_id, 'grant', $2, $3 FROM a) SELECT " ACCOUNT_COLUMNS " FROM a");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_int64(&q, credits);
    query_add_text(&q, reason);
    return q;
}

void account_write(struct json_out *out, const struct account *account)
{
    json_object(out);
    json_key_int64(out, "granted", account->granted);
    json_key_int64(out, "available", account->available);
    json_key_int64(out, "held", account->held);
    json_key_int64(out, "spent", account->spent);
    json_end_object(out);
}

struct query ledger_of(struct uuid user, int64_t before, int64_t limit)
{
    struct query q =
        query_read("SELECT id, kind, amount, generation_id, training_id, reason, at FROM ledger WHERE user_id = $1"
                   " AND id < $2 ORDER BY id DESC LIMIT $3");

    query_add_uuid(&q, user);
    query_add_int64(&q, before ? before : INT64_MAX);
    query_add_int64(&q, limit);
    return q;
}

struct ledger_entry ledger_entry_from_row(struct row row)
{
    struct ledger_entry entry;

    entry.id = row_int64(&row);
    entry.kind = row_text(&row);
    entry.amount = row_int64(&row);
    entry.generation = row_uuid(&row);
    entry.training = row_uuid(&row);
    entry.reason = row_text_or_null(&row);
    row_time(&row, entry.at);
    return entry;
}

void ledger_entry_write(struct json_out *out, const struct ledger_entry *entry)
{
    char id[24];

    (void)snprintf(id, sizeof id, "%" PRId64, entry->id);
    json_object(out);
    json_key_text(out, "id", id);
    json_key_text(out, "kind", entry->kind);
    json_key_int64(out, "amount", entry->amount);
    json_key_text(out, "generation_id", entry->generation.text[0] ? entry->generation.text : NULL);
    json_key_text(out, "training_id", entry->training.text[0] ? entry->training.text : NULL);
    json_key_text(out, "reason", entry->reason);
    json_key_text(out, "at", entry->at);
    json_end_object(out);
}
