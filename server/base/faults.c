#include "base/faults.h"

#include <stdio.h>
#include <string.h>

static struct fault *next_fault(struct faults *faults, const char *field, const char *code)
{
    struct fault *fault;

    if (faults->count == FAULTS_MAX)
        return NULL;
    fault = &faults->items[faults->count++];
    *fault = (struct fault){0};
    (void)snprintf(fault->field, sizeof fault->field, "%s", field);
    (void)snprintf(fault->code, sizeof fault->code, "%s", code);
    return fault;
}

bool faults_add(struct faults *faults, const char *field, const char *code)
{
    (void)next_fault(faults, field, code);
    return false;
}

bool faults_add_range(struct faults *faults, const char *field, const char *code, int64_t min, int64_t max)
{
    struct fault *fault = next_fault(faults, field, code);

    if (fault) {
        fault->min = min;
        fault->max = max;
    }
    return false;
}

/* The longest start of t that fits and does not end inside a character. */
static struct text cut_to(struct text t, size_t room)
{
    if (t.len >= room)
        for (t.len = room - 1; t.len && ((unsigned char)t.at[t.len] & 0xc0) == 0x80;)
            t.len--;
    return t;
}

bool faults_add_what(struct faults *faults, const char *field, const char *code, struct text what)
{
    struct fault *fault = next_fault(faults, field, code);

    if (fault && text_is_utf8(what))
        (void)text_copy(fault->what, sizeof fault->what, cut_to(what, sizeof fault->what));
    return false;
}

bool faults_have(const struct faults *faults, const char *field)
{
    for (int i = 0; i < faults->count; i++)
        if (strcmp(faults->items[i].field, field) == 0)
            return true;
    return false;
}
