/* The types of a page's data: every name of every template has to be a field of one of them; where it is, is looked up
   once, here. */
#include <stdlib.h>
#include <string.h>

#include "view/mustache_inside.h"

enum { MAX_TYPES = 256, MAX_FIELDS = 255 };

struct types {
    const struct view_type *at[MAX_TYPES];
    size_t count;
};

static bool add_type(struct types *types, const struct view_type *type, struct err *reterr)
{
    for (size_t i = 0; i < types->count; i++)
        if (types->at[i] == type)
            return true;
    if (types->count == MAX_TYPES)
        return err_set(reterr, ERR_INVALID, "template", "there are too many types of data");
    types->at[types->count++] = type;
    return true;
}

/* The given ones, and those of their fields. */
static bool collect(struct types *types, const struct view_type *const *given, struct err *reterr)
{
    for (; *given; given++)
        if (!add_type(types, *given, reterr))
            return false;
    for (size_t i = 0; i < types->count; i++)
        for (const struct view_field *f = types->at[i]->fields; f && f->name; f++)
            if (f->type && !add_type(types, f->type, reterr))
                return false;
    return true;
}

/* Those that a value of this name may be of, out of those that it may be asked of. False: none of them has it. */
static bool step(const struct types *from, struct text name, struct types *ret)
{
    bool found = false;
    struct err ignored;

    ret->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        const struct view_field *field = view_field_named(from->at[i], name);
        if (from->at[i]->find)
            (void)add_type(ret, from->at[i], &ignored);
        if (field && field->type)
            (void)add_type(ret, field->type, &ignored);
        found |= field || from->at[i]->find;
    }
    return found;
}

static bool is_known(const struct types *types, const struct mustache *template, const struct mustache_op *op)
{
    struct types now, next;

    now = *types;
    for (uint16_t i = 0; i < op->parts; i++) {
        if (!step(&now, template->set->symbols[template->parts[op->name + i]], &next))
            return false;
        now = next;
    }
    return true;
}

static bool has_name(const struct mustache_op *op)
{
    switch ((enum mustache_op_kind)op->kind) {
    case OP_VARIABLE:
    case OP_RAW:
    case OP_SECTION:
    case OP_INVERTED:
    case OP_PLURAL: return true;
    case OP_PARTIAL:
    case OP_PARENT: return op->flags & MUSTACHE_DYNAMIC;
    case OP_LITERAL:
    case OP_BLOCK:
    case OP_FORM: return false;
    }
    return false;
}

static bool name_fault(const struct mustache *template, const struct mustache_op *op, struct err *reterr)
{
    CLEANUP(buf_done) struct buf name = buf_make(sizeof reterr->detail);

    for (uint16_t i = 0; i < op->parts; i++)
        (void)buf_add_format(&name, "%s%s", i ? "." : "", template->set->symbols[template->parts[op->name + i]].at);
    return mustache_fault(template, op->line, reterr, "nothing that a page shows has the name %s",
                          name.bytes ? name.bytes : "");
}

static bool check_names(const struct types *types, const struct mustache *template, struct err *reterr)
{
    for (size_t i = 0; i < template->count; i++)
        if (has_name(&template->ops[i]) && !is_known(types, template, &template->ops[i]))
            return name_fault(template, &template->ops[i], reterr);
    return true;
}

static size_t slot_of(const struct mustache_set *set, const struct view_type *type)
{
    size_t at = (size_t)((uintptr_t)type >> 4) * 0x9E3779B1u;

    for (at = (at ^ (at >> 15)) & set->rows_mask; set->rows[at].type; at = (at + 1) & set->rows_mask)
        if (set->rows[at].type == type)
            break;
    return at;
}

static bool add_row(struct mustache_set *set, const struct view_type *type, struct err *reterr)
{
    struct mustache_row *row = &set->rows[slot_of(set, type)];
    size_t index = 0;

    row->type = type;
    row->fields = calloc(set->symbols_count + 1, 1);
    if (!row->fields)
        abort();
    for (const struct view_field *f = type->fields; f && f->name; f++) {
        if (++index > MAX_FIELDS)
            return err_set(reterr, ERR_INVALID, "template", "the type %s has too many fields", type->name);
        for (size_t i = 0; i < set->symbols_count; i++)
            if (text_equal(set->symbols[i], text_of(f->name)))
                row->fields[i] = (uint8_t)index;
    }
    return true;
}

static bool make_rows(struct mustache_set *set, const struct types *types, struct err *reterr)
{
    size_t count = 16;

    while (count < 3 * types->count)
        count *= 2;
    set->rows = calloc(count, sizeof *set->rows);
    if (!set->rows)
        abort();
    set->rows_mask = count - 1;
    for (size_t i = 0; i < types->count; i++)
        if (!types->at[i]->find && !add_row(set, types->at[i], reterr))
            return false;
    return true;
}

bool mustache_types_link(struct mustache_set *set, const struct view_type *const *given, struct err *reterr)
{
    struct types types = {.count = 0};

    mustache_types_done(set);
    if (!collect(&types, given, reterr))
        return false;
    for (size_t i = 0; i < set->count; i++)
        if (!check_names(&types, set->templates[i], reterr))
            return false;
    return make_rows(set, &types, reterr);
}

void mustache_types_done(struct mustache_set *set)
{
    for (size_t i = 0; set->rows && i <= set->rows_mask; i++)
        free(set->rows[i].fields);
    free(set->rows);
    set->rows = NULL;
}

const uint8_t *mustache_types_row(const struct mustache_set *set, const struct view_type *type)
{
    return set->rows ? set->rows[slot_of(set, type)].fields : NULL;
}
