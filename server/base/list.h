#pragma once
/* A doubly linked list through a member of its elements. An element that is in no list points to itself. */
#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *prev;
};

#define LIST_ENTRY(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }

/* Before the head: at the end of the list. */
static inline void list_add_last(struct list *head, struct list *l)
{
    l->prev = head->prev;
    l->next = head;
    head->prev->next = l;
    head->prev = l;
}

static inline void list_add_first(struct list *head, struct list *l) { list_add_last(head->next, l); }

static inline void list_remove(struct list *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    list_init(l);
}

/* All of from to the end of to. */
static inline void list_move_all(struct list *to, struct list *from)
{
    while (!list_empty(from)) {
        struct list *l = from->next;
        list_remove(l);
        list_add_last(to, l);
    }
}
