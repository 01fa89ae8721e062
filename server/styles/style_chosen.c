/* What a user chose for a style's placeholders, as it comes in. */
#include <stdio.h>
#include <string.h>

#include "styles/style.h"

const char *style_chosen_value(const struct style_chosen *chosen, const char *name)
{
    for (int i = 0; i < chosen->count; i++)
        if (strcmp(chosen->at[i].name, name) == 0)
            return chosen->at[i].value;
    return NULL;
}

/* A name or value that has no room is none that a style has. */
static void take(struct style_chosen *chosen, struct text name, struct text value, const char *field,
                 struct faults *faults)
{
    struct style_chosen_item item;
    char place[sizeof faults->items[0].field];

    if (!name.len || !text_copy(item.name, sizeof item.name, name)) {
        (void)faults_add_what(faults, field, "unknown_choice", name);
        return;
    }
    (void)snprintf(place, sizeof place, "%.32s.%s", field, item.name);
    if (style_chosen_value(chosen, item.name))
        (void)faults_add(faults, place, "repeated");
    else if (!text_copy(item.value, sizeof item.value, value))
        (void)faults_add_range(faults, place, "too_long", 1, STYLE_NAME_ROOM - 1);
    else if (chosen->count == STYLE_CHOICES_MAX)
        (void)faults_add_range(faults, field, "too_many_items", 0, STYLE_CHOICES_MAX);
    else
        chosen->at[chosen->count++] = item;
}

void style_chosen_read(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct style_chosen *chosen = at;
    char place[sizeof faults->items[0].field];
    size_t count = YAJL_IS_OBJECT(value) ? YAJL_GET_OBJECT(value)->len : 0;

    chosen->count = 0;
    if (!YAJL_IS_OBJECT(value))
        (void)faults_add(faults, field, "not_an_object");
    for (size_t i = 0; i < count && faults->count < FAULTS_MAX; i++) {
        const char *name = YAJL_GET_OBJECT(value)->keys[i];
        const char *text = YAJL_GET_STRING(YAJL_GET_OBJECT(value)->values[i]);
        (void)snprintf(place, sizeof place, "%.20s.%.24s", field, name);
        if (text)
            take(chosen, text_of(name), text_of(text), field, faults);
        else
            (void)faults_add(faults, text_is_utf8(text_of(place)) ? place : field, "not_a_string");
    }
}

bool style_chosen_parse(const char *text, struct style_chosen *ret, const char *field, struct faults *faults)
{
    struct text rest = text_of(text);
    int before = faults->count;

    ret->count = 0;
    while (*text && rest.at && faults->count < FAULTS_MAX) {
        struct text value = text_cut(&rest, ','), name = text_cut(&value, ':');
        take(ret, text_trim(name), value.at ? text_trim(value) : TEXT(""), field, faults);
    }
    return faults->count == before;
}
