#include "web/batch_form.h"

#include <stdio.h>
#include <string.h>

#include "generations/shape.h"
#include "web/form.h"

enum { IMAGES_MAX = 4 };

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct batch_form, prompts, .max = BATCH_FORM_BYTES),
    QUERY_FIELD(QUERY_TEXT, struct batch_form, split, .max = 15),
    QUERY_FIELD(QUERY_TEXT, struct batch_form, mode, .max = 15),
    QUERY_FIELD(QUERY_UUID, struct batch_form, avatar_id),
    QUERY_FIELD(QUERY_TEXT, struct batch_form, preset, .max = 39),
    QUERY_FIELD(QUERY_TEXT, struct batch_form, size, .max = 39),
    QUERY_FIELD(QUERY_INT64, struct batch_form, num_images, .min = 1, .max = IMAGES_MAX),
    QUERY_FIELD(QUERY_TEXT, struct batch_form, seed, .max = 39),
    QUERY_FIELD(QUERY_TEXT, struct batch_form, key, .max = IDEMPOTENCY_KEY_MAX),
    QUERY_FIELD(QUERY_TEXT, struct batch_form, check, .max = 7),
    {0},
};

bool batch_form_read(struct call *call, struct batch_form *ret, struct faults *ret_faults, struct next *refused)
{
    ret->num_images = 1;
    return form_read(call, FIELDS, ret, ret_faults, refused);
}

static bool is_by_paragraph(const struct batch_form *form) { return strcmp(form->split, "paragraph") == 0; }

/* The next description of *rest, without the white space around it; at NULL: there is none left. */
static struct text next_line(struct text *rest)
{
    while (rest->at) {
        struct text line = text_cut(rest, '\n');
        if (!text_is_blank(line))
            return text_trim(line);
    }
    return (struct text){NULL, 0};
}

static struct text next_paragraph(struct text *rest)
{
    struct text all = {NULL, 0};

    while (rest->at) {
        struct text line = text_cut(rest, '\n');
        if (text_is_blank(line) && all.at)
            break;
        if (text_is_blank(line))
            continue;
        if (!all.at)
            all = line;
        all.len = (size_t)(line.at + line.len - all.at);
    }
    return text_trim(all);
}

static struct text next_of(const struct batch_form *form, struct text *rest)
{
    return is_by_paragraph(form) ? next_paragraph(rest) : next_line(rest);
}

int64_t batch_form_count(const struct batch_form *form)
{
    struct text rest = text_of(form->prompts);
    int64_t count = 0;

    while (next_of(form, &rest).at)
        count++;
    return count;
}

static void read_prompts(const struct batch_form *form, struct batch_wish *ret, struct faults *faults)
{
    struct text rest = text_of(form->prompts), prompt;

    while ((prompt = next_of(form, &rest)).at)
        if (!batch_wish_add(ret, prompt)) {
            (void)faults_add_range(faults, "prompts", "too_many_items", 1, BATCH_MAX);
            return;
        }
    if (ret->count == 0 && !faults_have(faults, "prompts"))
        (void)faults_add(faults, "prompts", "empty");
}

void batch_form_wish(const struct batch_form *form, struct batch_wish *ret, struct faults *faults)
{
    struct text digits = text_trim(text_of(form->seed));

    read_prompts(form, ret, faults);
    ret->is_sequential = strcmp(form->mode, "sequential") == 0;
    ret->each.avatar_id = form->avatar_id;
    (void)snprintf(ret->each.preset, sizeof ret->each.preset, "%s", form->preset);
    (void)shape_read(text_of(form->size), &ret->each.image_size, ret->each.aspect_ratio);
    ret->each.num_images = form->num_images;
    ret->each.has_seed = digits.len > 0;
    if (ret->each.has_seed && !text_uint64(digits, &ret->each.seed))
        (void)faults_add(faults, "seed", "not_uint64");
}

void batch_form_add(struct batch_form *form, const char *prompt)
{
    size_t len = strlen(form->prompts);

    (void)snprintf(form->prompts + len, sizeof form->prompts - len, "%s%s",
                   len == 0                ? ""
                   : is_by_paragraph(form) ? "\n\n"
                                           : "\n",
                   prompt);
}
