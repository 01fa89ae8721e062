#pragma once
/* What a template sees of C data: descriptors of structs, read while the page is written. Nothing is copied into a
   tree; whatever a value points to must live until the rendering has ended. Descriptors are static and immutable. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct view_type;

/* Room of a VIEW_COMPUTED text, and the largest item of a VIEW_EACH list, in bytes. */
enum { VIEW_TEXT_ROOM = 1024, VIEW_ITEM_ROOM = 4096 };

enum view_field_kind {
    VIEW_TEXT,     /* struct text; at NULL or empty is false */
    VIEW_CHARS,    /* char[], NUL terminated; "" is false */
    VIEW_STRING,   /* const char *; NULL and "" are false */
    VIEW_INT64,    /* int64_t; true, also 0: compare in C and give a bool */
    VIEW_BOOL,     /* bool */
    VIEW_STRUCT,   /* a struct inside, of .type */
    VIEW_POINTER,  /* const pointer to a struct of .type; NULL is false */
    VIEW_ITEMS,    /* struct view_items of .type; none is false */
    VIEW_EACH,     /* made one by one: .count and .item; the member at offset is not looked at */
    VIEW_COMPUTED, /* made when asked for: .compute; the member at offset is not looked at */
};

/* An array whose items lie type->size bytes apart. */
struct view_items {
    const void *at;
    size_t count;
};

struct view_field {
    const char *name;
    enum view_field_kind kind;
    size_t offset;
    const struct view_type *type;
    /* VIEW_EACH: how many there are; fills item (type->size bytes, zeroed) with the index-th. */
    size_t (*count)(const void *owner);
    void (*item)(const void *owner, size_t index, void *item);
    /* VIEW_COMPUTED: the text; it may be written into room (VIEW_TEXT_ROOM bytes). Escaped like every other. */
    struct text (*compute)(const void *owner, char *room);
};

struct view_object {
    const struct view_type *type;
    const void *at;
};

struct view_list {
    const struct view_type *type;
    const void *at; /* the items, or what item makes them from */
    size_t count;
    void (*item)(const void *at, size_t index, void *item); /* NULL: at is an array */
};

enum view_kind { VIEW_IS_NOTHING, VIEW_IS_FLAG, VIEW_IS_NUMBER, VIEW_IS_TEXT, VIEW_IS_OBJECT, VIEW_IS_LIST };
struct view_value {
    enum view_kind kind;
    union {
        bool flag;
        int64_t number;
        struct text text;
        struct view_object object;
        struct view_list list;
    };
};

struct view_type {
    const char *name;                /* for messages: "tile" */
    size_t size;                     /* sizeof the struct */
    const struct view_field *fields; /* ends with an all-zero entry */
    /* Data whose names are known only when they are asked for, in place of fields. False: it has no such name. */
    bool (*find)(const void *at, struct text name, struct view_value *ret);
    /* What {{.}} is, where that is no object. NULL: it is one. */
    void (*self)(const void *at, struct view_value *ret);
};

/* Items that are plain texts, for {{.}}: struct text, and const char * (NULL is nothing). */
extern const struct view_type view_text_type, view_string_type;

/* The name in templates is the member's. VIEW_FIELD(VIEW_STRUCT, struct x, y, .type = &y_type) */
#define VIEW_FIELD(field_kind, struct_type, member, ...)                                                               \
    {                                                                                                                  \
        .name = #member, .kind = field_kind, .offset = offsetof(struct_type, member), __VA_ARGS__                      \
    }
#define VIEW_FIELD_COMPUTED(field_name, function)                                                                      \
    {                                                                                                                  \
        .name = field_name, .kind = VIEW_COMPUTED, .compute = function                                                 \
    }
#define VIEW_FIELD_EACH(field_name, item_type, count_function, item_function)                                          \
    {                                                                                                                  \
        .name = field_name, .kind = VIEW_EACH, .type = item_type, .count = count_function, .item = item_function       \
    }
#define VIEW_TYPE(struct_type, field_table)                                                                            \
    {                                                                                                                  \
        .name = #struct_type, .size = sizeof(struct_type), .fields = field_table                                       \
    }

/* For the engine and its tests. room (VIEW_TEXT_ROOM bytes) may be written to and must live as long as *ret. */
void view_read(const struct view_field *field, const void *owner, char *room, struct view_value *ret);
/* NULL: the type has no field of this name. */
const struct view_field *view_field_named(const struct view_type *type, struct text name);
/* What stands for the object: itself, or its .self. */
void view_self(struct view_object object, struct view_value *ret);
bool view_is_true(const struct view_value *value);
