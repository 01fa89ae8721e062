/* Templates find each other. With types, whatever could only be a slip is a fault. */
#include <string.h>

#include "view/mustache_inside.h"

enum { MAX_CALLS = 300 /* looked at for one block */ };

static bool refers(const struct mustache_op *op) { return op->kind == OP_PARTIAL || op->kind == OP_PARENT; }

/* Is the block somewhere in the template or in what it calls? What dynamic names call is not known: it may be. */
static bool has_block(const struct mustache *template, uint32_t symbol, int *calls)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct mustache_op *op = &template->ops[i];
        if (op->kind == OP_BLOCK && op->symbol == symbol)
            return true;
        if (refers(op) && (op->flags & MUSTACHE_DYNAMIC || ++*calls > MAX_CALLS ||
                           (template->refs[op->ref].to && has_block(template->refs[op->ref].to, symbol, calls))))
            return true;
    }
    return false;
}

static bool check_arguments(const struct mustache *template, const struct mustache_op *op, struct err *reterr)
{
    const struct mustache *to = template->refs[op->ref].to;

    for (uint32_t at = (uint32_t)(op - template->ops) + 1; at < op->end; at = template->ops[at].end) {
        const struct mustache_op *block = &template->ops[at];
        int calls = 0;
        if (!has_block(to, block->symbol, &calls))
            return mustache_fault(template, block->line, reterr, "%s has no block %s", to->name,
                                  template->set->symbols[block->symbol].at);
    }
    return true;
}

static bool check(const struct mustache *template, struct err *reterr)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct mustache_op *op = &template->ops[i];
        if (!refers(op) || op->flags & MUSTACHE_DYNAMIC)
            continue;
        if (!template->refs[op->ref].to)
            return mustache_fault(template, op->line, reterr, "there is no template %s", template->refs[op->ref].name);
        if (op->kind == OP_PARENT && !check_arguments(template, op, reterr))
            return false;
    }
    return true;
}

bool mustache_link(struct mustache_set *set, const struct view_type *const *types, struct err *reterr)
{
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < set->templates[i]->refs_count; k++)
            set->templates[i]->refs[k].to = mustache_find(set, set->templates[i]->refs[k].name);
    for (size_t i = 0; types && i < set->count; i++)
        if (!check(set->templates[i], reterr))
            return false;
    return !types || mustache_types_link(set, types, reterr);
}
