#include "web/create_view.h"

#include "web/create_part.h"
#include "web/style_card.h"

struct create_view {
    struct create_part part;
    struct style_desk desk;
    struct view_items shelves;
    bool shows_styles;
    struct view_items examples;
    const char *prompt;
    int64_t prompt_length, prompt_max;
};

static const struct view_field FIELDS[] = {
    CREATE_PART_FIELDS(struct create_view),
    VIEW_FIELD(VIEW_STRUCT, struct create_view, desk, .type = &style_desk_type),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, shelves, .type = &style_shelf_type),
    VIEW_FIELD(VIEW_BOOL, struct create_view, shows_styles),
    VIEW_FIELD(VIEW_ITEMS, struct create_view, examples, .type = &example_choice_type),
    VIEW_FIELD(VIEW_STRING, struct create_view, prompt),
    VIEW_FIELD(VIEW_INT64, struct create_view, prompt_length),
    VIEW_FIELD(VIEW_INT64, struct create_view, prompt_max),
    {0},
};
const struct view_type create_view_type = VIEW_TYPE(struct create_view, FIELDS);

const struct create_view *create_view_make(struct call *call, const struct create_form *form,
                                           const struct style_reads *reads, struct view_items shelves,
                                           const struct create_trouble *trouble)
{
    const struct create_chosen chosen = {form->preset, form->size, form->seed, form->num_images, 1};
    struct create_view *view = call_alloc(call, sizeof *view);

    *view = (struct create_view){
        .desk = style_desk_make(call, reads, form->avatar_id, "/create?"),
        .shelves = shelves,
        .shows_styles = shelves.count > 0,
        .examples = create_examples(call, form),
        .prompt = form->prompt,
        .prompt_length = (int64_t)text_code_points(text_of(form->prompt)),
        .prompt_max = PLAN_PROMPT_MAX,
    };
    view->part = create_part_make(call, &chosen, view->desk.avatars, &reads->account,
                                  create_part_errors(call, &trouble->faults), trouble->code);
    return view;
}
