#include "web/batch_create_view.h"

#include <stdio.h>
#include <string.h>

#include "web/create_part.h"
#include "web/page.h"

struct batch_create_view {
    struct create_part part;
    const char *prompts;
    int64_t count, count_max; /* of descriptions */
    bool has_count;           /* there is one, and none too many */
    bool by_paragraph, is_sequential;
    bool is_checked; /* the price was asked for */
};

static const struct view_field FIELDS[] = {
    CREATE_PART_FIELDS(struct batch_create_view),
    VIEW_FIELD(VIEW_STRING, struct batch_create_view, prompts),
    VIEW_FIELD(VIEW_INT64, struct batch_create_view, count),
    VIEW_FIELD(VIEW_INT64, struct batch_create_view, count_max),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, has_count),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, by_paragraph),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, is_sequential),
    VIEW_FIELD(VIEW_BOOL, struct batch_create_view, is_checked),
    {0},
};
const struct view_type batch_create_view_type = VIEW_TYPE(struct batch_create_view, FIELDS);

/* "Description 3: it must have at most 1000 characters." */
static const char *about_description(struct call *call, const struct fault *fault)
{
    CLEANUP(buf_done) struct buf words = buf_make(1024), all = buf_make(2048);
    struct text number = text_of(fault->field + sizeof "prompts[" - 1), index = text_cut(&number, ']');
    int64_t at = 0;

    (void)text_int64(index, 0, BATCH_MAX, &at);
    message_fault(fault, call->lang, &words);
    (void)buf_add_format(&all, "%s %d: %s", page_text(call, "batch.description"), (int)at + 1, words.bytes);
    return call_text(call, (struct text){all.bytes, all.len});
}

/* Those of single descriptions one by one, of the other fields one for each. */
static struct view_items errors_of(struct call *call, const struct faults *faults)
{
    struct form_fault *all = call_alloc(call, FAULTS_MAX * sizeof *all);
    struct faults others = {0};
    struct view_items words;
    size_t count = 0;

    for (int i = 0; i < faults->count; i++) {
        if (strncmp(faults->items[i].field, "prompts[", sizeof "prompts[" - 1) == 0)
            all[count++] = (struct form_fault){"prompts", about_description(call, &faults->items[i])};
        else
            others.items[others.count++] = faults->items[i];
    }
    words = create_part_errors(call, &others);
    for (size_t i = 0; i < words.count; i++)
        all[count++] = ((const struct form_fault *)words.at)[i];
    return (struct view_items){all, count};
}

const struct batch_create_view *batch_create_view_make(struct call *call, const struct batch_form *form,
                                                       const PGresult *avatars, const struct account *account,
                                                       const struct create_trouble *trouble)
{
    struct batch_create_view *view = call_alloc(call, sizeof *view);
    struct create_chosen chosen = {form->preset, form->size, form->seed, form->num_images, batch_form_count(form)};

    *view = (struct batch_create_view){
        .part = create_part_make(call, &chosen, create_avatars(call, avatars, form->avatar_id), account,
                                 errors_of(call, &trouble->faults), trouble->code),
        .prompts = form->prompts,
        .count = chosen.wishes,
        .count_max = BATCH_MAX,
        .has_count = chosen.wishes > 0 && chosen.wishes <= BATCH_MAX,
        .by_paragraph = strcmp(form->split, "paragraph") == 0,
        .is_sequential = strcmp(form->mode, "sequential") == 0,
    };
    view->is_checked = *form->check && view->part.has_price && view->has_count && !view->part.has_errors;
    return view;
}
