#include <string.h>

#include "view/mustache_render.h"

void mustache_context_push(struct mustache_render *render, const struct view_value *value)
{
    struct mustache_entry *entry = &render->stack[render->top++];

    entry->value = *value;
    entry->row = value->kind == VIEW_IS_OBJECT ? mustache_types_row(render->set, value->object.type) : NULL;
}

static bool member(const struct mustache_set *set, const struct view_object *object, const uint8_t *row,
                   uint16_t symbol, char *room, struct view_value *ret)
{
    const struct view_field *field;

    if (object->type->find)
        return object->type->find(object->at, set->symbols[symbol], ret);
    if (row)
        field = row[symbol] ? &object->type->fields[row[symbol] - 1] : NULL;
    else
        field = view_field_named(object->type, set->symbols[symbol]);
    if (field)
        view_read(field, object->at, room, ret);
    return field != NULL;
}

static bool find_first(const struct mustache_render *render, uint16_t symbol, char *room, struct view_value *ret)
{
    for (int i = render->top - 1; i >= 0; i--) {
        const struct mustache_entry *entry = &render->stack[i];
        if (entry->value.kind == VIEW_IS_OBJECT &&
            member(render->set, &entry->value.object, entry->row, symbol, room, ret))
            return true;
    }
    return false;
}

static bool find_next(const struct mustache_set *set, uint16_t symbol, char *room, struct view_value *ret)
{
    struct view_object object = ret->object;

    return ret->kind == VIEW_IS_OBJECT && member(set, &object, mustache_types_row(set, object.type), symbol, room, ret);
}

void mustache_context_find(const struct mustache_render *render, const struct mustache *template,
                           const struct mustache_op *op, char *room, struct view_value *ret)
{
    const uint16_t *parts;
    bool found;

    ret->kind = VIEW_IS_NOTHING;
    if (op->parts == 0) {
        if (render->top > 0)
            *ret = render->stack[render->top - 1].value;
        return;
    }
    parts = template->parts + op->name;
    found = find_first(render, parts[0], room, ret);
    for (uint16_t i = 1; found && i < op->parts; i++)
        found = find_next(render->set, parts[i], room, ret);
    if (!found)
        ret->kind = VIEW_IS_NOTHING;
}
