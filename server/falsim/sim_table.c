#include "falsim/sim_table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BUCKETS = 1 << 14 };

struct sim_table {
    pthread_mutex_t mutex;
    pthread_cond_t change; /* on the wall clock */
    struct list all, active;
    int count;
    struct sim_request *buckets[BUCKETS];
};

struct sim_table *sim_table_open(void)
{
    struct sim_table *table = calloc(1, sizeof *table);

    if (!table || pthread_mutex_init(&table->mutex, NULL) != 0 || pthread_cond_init(&table->change, NULL) != 0)
        abort();
    list_init(&table->all);
    list_init(&table->active);
    return table;
}

void sim_table_close(struct sim_table *table)
{
    while (!list_empty(&table->all)) {
        struct sim_request *request = LIST_ENTRY(table->all.next, struct sim_request, link);
        list_remove(&request->link);
        sim_request_free(request);
    }
    (void)pthread_cond_destroy(&table->change);
    (void)pthread_mutex_destroy(&table->mutex);
    free(table);
}

void sim_table_lock(struct sim_table *table) { (void)pthread_mutex_lock(&table->mutex); }
void sim_table_unlock(struct sim_table *table) { (void)pthread_mutex_unlock(&table->mutex); }
void sim_table_changed(struct sim_table *table) { (void)pthread_cond_broadcast(&table->change); }

void sim_table_wait(struct sim_table *table, int64_t until_us)
{
    struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};

    if (until_us)
        (void)pthread_cond_timedwait(&table->change, &table->mutex, &until);
    else
        (void)pthread_cond_wait(&table->change, &table->mutex);
}

static struct sim_request **bucket_of(struct sim_table *table, struct text id)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < id.len; i++)
        hash = (hash ^ (unsigned char)id.at[i]) * 16777619u;
    return &table->buckets[hash % BUCKETS];
}

static void forget(struct sim_table *table, struct sim_request *request)
{
    struct sim_request **at = bucket_of(table, text_of(request->id.text));

    while (*at != request)
        at = &(*at)->same_hash;
    *at = request->same_hash;
    list_remove(&request->link);
    table->count--;
    sim_request_free(request);
}

static struct sim_request *oldest_finished(struct sim_table *table)
{
    for (struct list *l = table->all.next; l != &table->all; l = l->next) {
        struct sim_request *request = LIST_ENTRY(l, struct sim_request, link);
        if (request->stage == STAGE_DONE && !request->making) /* a cancelled one may still be in a worker's hands */
            return request;
    }
    return NULL;
}

/* Behind the last of its priority. */
static void enqueue(struct sim_table *table, struct sim_request *request)
{
    struct list *before = &table->active;

    if (!request->low_priority)
        while (before->prev != &table->active && LIST_ENTRY(before->prev, struct sim_request, active)->low_priority)
            before = before->prev;
    list_add_last(before, &request->active);
}

struct sim_request *sim_table_add(struct sim_table *table, struct sim_request *request)
{
    struct sim_request **bucket = bucket_of(table, text_of(request->id.text)), *old;

    if (table->count == SIM_MAX_REQUESTS) {
        if (!(old = oldest_finished(table)))
            return NULL;
        forget(table, old);
    }
    list_add_last(&table->all, &request->link);
    list_init(&request->active);
    if (request->stage != STAGE_DONE)
        enqueue(table, request);
    request->same_hash = *bucket;
    *bucket = request;
    table->count++;
    sim_table_changed(table);
    return request;
}

struct sim_request *sim_table_find(struct sim_table *table, struct text id)
{
    struct sim_request *request = *bucket_of(table, id);

    while (request && !text_equal(text_of(request->id.text), id))
        request = request->same_hash;
    return request;
}

void sim_table_finish(struct sim_table *table, struct sim_request *request)
{
    request->stage = STAGE_DONE;
    list_remove(&request->active);
    sim_table_changed(table);
}

struct sim_request *sim_table_next_active(const struct sim_table *table, const struct sim_request *after)
{
    struct list *l = after ? after->active.next : table->active.next;

    return l == &table->active ? NULL : LIST_ENTRY(l, struct sim_request, active);
}

int sim_table_position(const struct sim_table *table, const struct sim_request *request)
{
    int before = 0;

    for (struct sim_request *r = sim_table_next_active(table, NULL); r && r != request;
         r = sim_table_next_active(table, r))
        before += r->stage == STAGE_QUEUED;
    return before;
}

int sim_table_queue_length(const struct sim_table *table, struct text endpoint_id)
{
    int count = 0;

    for (struct sim_request *r = sim_table_next_active(table, NULL); r; r = sim_table_next_active(table, r))
        count += r->stage == STAGE_QUEUED && text_equal(text_of(r->endpoint_id), endpoint_id);
    return count;
}

static struct sim_request *entry(const struct sim_table *table, struct list *l)
{
    return l == &table->all ? NULL : LIST_ENTRY(l, struct sim_request, link);
}

struct sim_request *sim_table_oldest(const struct sim_table *table) { return entry(table, table->all.next); }
struct sim_request *sim_table_newest(const struct sim_table *table) { return entry(table, table->all.prev); }

struct sim_request *sim_table_newer(const struct sim_table *table, const struct sim_request *than)
{
    return entry(table, than->link.next);
}

struct sim_request *sim_table_older(const struct sim_table *table, const struct sim_request *than)
{
    return entry(table, than->link.prev);
}
