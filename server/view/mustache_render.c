#include "view/mustache_render.h"

#include <assert.h>
#include <stdalign.h>
#include <string.h>

#include "view/html.h"

static bool run(struct mustache_render *render, const struct mustache_place *place, uint32_t from, uint32_t end);

/* One level deeper, and back. */
static bool run_below(struct mustache_render *render, const struct mustache_place *place, uint32_t from, uint32_t end)
{
    bool done;

    if (render->depth == MUSTACHE_MAX_DEPTH)
        return false;
    render->depth++;
    done = run(render, place, from, end);
    render->depth--;
    return done;
}

static bool write_number(struct buf *out, int64_t number)
{
    char digits[21], *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        *--at = '-';
    return buf_add(out, at, (size_t)(digits + sizeof digits - at));
}

static bool write_value(struct mustache_render *render, const struct view_value *value, bool raw)
{
    switch (value->kind) {
    case VIEW_IS_FLAG: return buf_add_text(render->out, value->flag ? "true" : "false");
    case VIEW_IS_NUMBER: return write_number(render->out, value->number);
    case VIEW_IS_TEXT:
        if (!value->text.at)
            return true;
        return raw ? buf_add(render->out, value->text.at, value->text.len) : html_text(render->out, value->text);
    case VIEW_IS_NOTHING:
    case VIEW_IS_OBJECT:
    case VIEW_IS_LIST: return true;
    }
    return true;
}

static bool write_variable(struct mustache_render *render, const struct mustache_place *place,
                           const struct mustache_op *op)
{
    char room[VIEW_TEXT_ROOM];
    struct view_value value;

    mustache_context_find(render, place->template, op, room, &value);
    return write_value(render, &value, op->kind == OP_RAW);
}

static bool run_with(struct mustache_render *render, const struct mustache_place *place, const struct mustache_op *op,
                     const struct view_value *value)
{
    bool done;

    if (render->depth == MUSTACHE_MAX_DEPTH)
        return false;
    mustache_context_push(render, value);
    done = run_below(render, place, (uint32_t)(op - place->template->ops) + 1, op->end);
    render->top--;
    return done;
}

static bool run_item(struct mustache_render *render, const struct mustache_place *place, const struct mustache_op *op,
                     struct view_object object)
{
    struct view_value item;

    if (++render->steps > MUSTACHE_MAX_STEPS)
        return false;
    view_self(object, &item);
    return run_with(render, place, op, &item);
}

static bool run_array(struct mustache_render *render, const struct mustache_place *place, const struct mustache_op *op,
                      const struct view_list *list)
{
    const char *at = list->at;

    for (size_t i = 0; i < list->count; i++)
        if (!run_item(render, place, op, (struct view_object){list->type, at + i * list->type->size}))
            return false;
    return true;
}

/* Has the room for an item on its own stack: kept out of the functions that run without one. */
static __attribute__((noinline)) bool run_made(struct mustache_render *render, const struct mustache_place *place,
                                               const struct mustache_op *op, const struct view_list *list)
{
    alignas(max_align_t) char item[VIEW_ITEM_ROOM];

    assert(list->type->size <= sizeof item);
    for (size_t i = 0; i < list->count; i++) {
        memset(item, 0, list->type->size);
        list->item(list->at, i, item);
        if (!run_item(render, place, op, (struct view_object){list->type, item}))
            return false;
    }
    return true;
}

static bool run_section(struct mustache_render *render, const struct mustache_place *place,
                        const struct mustache_op *op)
{
    char room[VIEW_TEXT_ROOM];
    struct view_value value;

    mustache_context_find(render, place->template, op, room, &value);
    if (op->kind == OP_INVERTED)
        return view_is_true(&value) || run_below(render, place, (uint32_t)(op - place->template->ops) + 1, op->end);
    if (!view_is_true(&value))
        return true;
    if (value.kind != VIEW_IS_LIST)
        return run_with(render, place, op, &value);
    return value.list.item ? run_made(render, place, op, &value.list) : run_array(render, place, op, &value.list);
}

static int64_t number_of(const struct view_value *value)
{
    int64_t number = 0;

    if (value->kind == VIEW_IS_NUMBER)
        return value->number;
    if (value->kind == VIEW_IS_TEXT && value->text.at)
        (void)text_int64(value->text, INT64_MIN, INT64_MAX, &number);
    return number;
}

/* The form for the number, or the last one. */
static bool run_plural(struct mustache_render *render, const struct mustache_place *place, const struct mustache_op *op)
{
    const struct mustache_texts *texts = &render->set->texts;
    const struct mustache_op *form = op + 1, *last = place->template->ops + op->end;
    char room[VIEW_TEXT_ROOM];
    struct view_value value;
    enum mustache_plural wanted;

    mustache_context_find(render, place->template, op, room, &value);
    wanted = texts->plural(texts->texts, number_of(&value));
    while (form->form != wanted && place->template->ops + form->end < last)
        form = place->template->ops + form->end;
    return run_below(render, place, (uint32_t)(form - place->template->ops) + 1, form->end);
}

static const struct mustache *called(const struct mustache_render *render, const struct mustache_place *place,
                                     const struct mustache_op *op)
{
    char room[VIEW_TEXT_ROOM];
    struct view_value value;

    if (!(op->flags & MUSTACHE_DYNAMIC))
        return place->template->refs[op->ref].to;
    mustache_context_find(render, place->template, op, room, &value);
    return value.kind == VIEW_IS_TEXT && value.text.at ? mustache_named(render->set, value.text) : NULL;
}

static bool run_partial(struct mustache_render *render, const struct mustache_place *place,
                        const struct mustache_op *op)
{
    const struct mustache *to = called(render, place, op);
    struct mustache_indent indent = mustache_lines_below(place, op);
    struct mustache_arguments arguments = {place->arguments, place->template, 0, 0};
    struct mustache_place inner = {to, NULL, 0, place->arguments};

    if (!to)
        return true;
    if (op->flags & MUSTACHE_STANDALONE)
        inner.indent = indent.text.len ? &indent : place->indent; /* without any, nobody looks for lines */
    if (op->kind == OP_PARENT) {
        arguments.from = (uint32_t)(op - place->template->ops) + 1;
        arguments.end = op->end;
        inner.arguments = &arguments;
    }
    return run_below(render, &inner, 0, (uint32_t)to->count);
}

static const struct mustache_op *argument(struct mustache_render *render, const struct mustache_arguments *arguments,
                                          uint32_t symbol)
{
    const struct mustache_op *ops = arguments->template->ops;

    for (uint32_t at = arguments->from; at < arguments->end; at = ops[at].end) {
        render->steps++;
        if (ops[at].symbol == symbol)
            return &ops[at];
    }
    return NULL;
}

/* The argument in the block's place. It sees what its own template was called with: not the other arguments that stand
   beside it, which are not of its making. */
static bool run_argument(struct mustache_render *render, const struct mustache_place *place,
                         const struct mustache_op *block, const struct mustache_arguments *from,
                         const struct mustache_op *op)
{
    struct mustache_indent indent = mustache_lines_below(place, block);
    struct mustache_place inner = {from->template, indent.text.len ? &indent : place->indent, op->indent_len,
                                   from->outer};
    bool done;

    if (!(op->flags & MUSTACHE_STANDALONE))
        inner.strip = 0;
    if (!(block->flags & MUSTACHE_STANDALONE))
        render->line_is_begun = op->flags & MUSTACHE_STANDALONE;
    else if (!(op->flags & MUSTACHE_STANDALONE) && !mustache_lines_indent(render, &indent))
        return false;
    done = run_below(render, &inner, (uint32_t)(op - from->template->ops) + 1, op->end);
    render->line_is_begun = false;
    return done;
}

static bool run_block(struct mustache_render *render, const struct mustache_place *place, const struct mustache_op *op)
{
    const struct mustache_arguments *wins = NULL;
    const struct mustache_op *found = NULL, *other;

    for (const struct mustache_arguments *a = place->arguments; a; a = a->outer)
        if ((other = argument(render, a, op->symbol))) {
            wins = a;
            found = other;
        }
    if (found)
        return run_argument(render, place, op, wins, found);
    return run_below(render, place, (uint32_t)(op - place->template->ops) + 1, op->end);
}

static bool run_op(struct mustache_render *render, const struct mustache_place *place, const struct mustache_op *op)
{
    switch ((enum mustache_op_kind)op->kind) {
    case OP_LITERAL:
        if (place->indent || place->strip || render->line_is_begun)
            return mustache_lines_literal(render, place, op);
        return buf_add(render->out, place->template->literals.bytes + op->literal, op->len);
    case OP_VARIABLE:
    case OP_RAW: return write_variable(render, place, op);
    case OP_SECTION:
    case OP_INVERTED: return run_section(render, place, op);
    case OP_PARTIAL:
    case OP_PARENT: return run_partial(render, place, op);
    case OP_BLOCK: return run_block(render, place, op);
    case OP_PLURAL: return run_plural(render, place, op);
    case OP_FORM: return true;
    }
    return true;
}

static bool run(struct mustache_render *render, const struct mustache_place *place, uint32_t from, uint32_t end)
{
    const struct mustache_op *ops = place->template->ops;

    for (uint32_t at = from; at < end;) {
        const struct mustache_op *op = &ops[at];
        if (++render->steps > MUSTACHE_MAX_STEPS)
            return false;
        if (op->flags & MUSTACHE_LINE_START && op->kind != OP_LITERAL && !mustache_lines_start(render, place))
            return false;
        if (!run_op(render, place, op))
            return false;
        at = op->kind >= OP_SECTION && op->kind != OP_PARTIAL ? op->end : at + 1;
    }
    return true;
}

bool mustache_render(const struct mustache *template, const struct view_object *roots, int count, struct buf *out)
{
    struct mustache_render render;
    struct mustache_place place = {template, NULL, 0, NULL};
    struct view_value root;

    assert(count <= MUSTACHE_MAX_ROOTS);
    render.set = template->set;
    render.out = out;
    render.top = render.depth = 0;
    render.steps = 0;
    render.line_is_begun = false;
    for (int i = 0; i < count; i++) {
        view_self(roots[i], &root);
        mustache_context_push(&render, &root);
    }
    return run(&render, &place, 0, (uint32_t) template->count);
}
