#include "web/form_faults.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "local.h"
#include "view/texts.h"

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct form_fault, field),
    VIEW_FIELD(VIEW_STRING, struct form_fault, text),
    {0},
};
const struct view_type form_fault_type = VIEW_TYPE(struct form_fault, FIELDS);

static const char *sentence_of(struct call *call, const struct fault *fault, const char *page)
{
    CLEANUP(buf_done) struct buf sentence = buf_make(1024);
    char key[160];

    (void)snprintf(key, sizeof key, "%s.fault_%s_%s", page, fault->field, fault->code);
    if (texts_has(local_of(call)->texts, key))
        return texts_get(local_of(call)->texts, call->lang, key);
    message_fault(fault, call->lang, &sentence);
    return call_text(call, (struct text){sentence.bytes, sentence.len});
}

struct view_items form_faults_of(struct call *call, const struct faults *faults, const char *page)
{
    struct form_fault *items = call_alloc(call, sizeof *items * FAULTS_MAX);

    for (int i = 0; i < faults->count; i++)
        items[i] = (struct form_fault){.field = call_text(call, text_of(faults->items[i].field)),
                                       .text = sentence_of(call, &faults->items[i], page)};
    return (struct view_items){items, (size_t)faults->count};
}

const char *form_fault_at(struct view_items faults, const char *field)
{
    const struct form_fault *items = faults.at;

    for (size_t i = 0; i < faults.count; i++)
        if (strcmp(items[i].field, field) == 0)
            return items[i].text;
    return NULL;
}
