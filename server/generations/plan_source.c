#include "generations/plan_source.h"

#include <string.h>

#include "generations/plan_route.h"

static const char *const WORDS[] = {
    [PLAN_CHANGE_LITTLE] = "little", [PLAN_CHANGE_MEDIUM] = "medium", [PLAN_CHANGE_MUCH] = "much"};

/* The medium ones are what is usual. A finetune takes a picture as a hint beside the words: a tenth is already much. */
static const double STRENGTHS[] = {0.6, 0.35, 0.6, 0.85}, IMAGE_PROMPT_STRENGTHS[] = {0.1, 0.4, 0.1, 0.03};

bool plan_change_read(const char *word, enum plan_change *ret)
{
    for (enum plan_change i = PLAN_CHANGE_LITTLE; i <= PLAN_CHANGE_MUCH; i++)
        if (strcmp(word, WORDS[i]) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

void plan_change_decode(yajl_val value, void *at, const char *field, struct faults *faults)
{
    const char *word = YAJL_GET_STRING(value);

    if (!word)
        (void)faults_add(faults, field, "not_a_string");
    else if (!plan_change_read(word, at))
        (void)faults_add_what(faults, field, "not_one_of", TEXT("little, medium, much"));
}

static void check_number(const struct endpoint *endpoint, const char *name, double value, struct faults *faults)
{
    const struct parameter *parameter = plan_route_takes_source(endpoint) ? endpoint_parameter(endpoint, name) : NULL;

    if (parameter)
        (void)parameter_check_number(parameter, value, name, faults);
    else
        (void)faults_add_what(faults, name, "not_accepted_here", text_of(endpoint->id));
}

bool plan_source_check(const struct plan_source *source, const struct endpoint *endpoint, struct faults *faults)
{
    int before = faults->count;

    if (source->is_kept)
        return true;
    if (source->has_strength)
        check_number(endpoint, "strength", source->strength, faults);
    if (source->has_image_prompt_strength)
        check_number(endpoint, "image_prompt_strength", source->image_prompt_strength, faults);
    if (source->change && (source->has_strength || source->has_image_prompt_strength))
        (void)faults_add_what(faults, "change", "exclusive",
                              source->has_strength ? TEXT("strength") : TEXT("image_prompt_strength"));
    return faults->count == before;
}

void plan_source_settle(const struct plan_source *source, struct plan_draft *draft)
{
    draft->sends_source = source && plan_route_takes_source(draft->endpoint);
    if (!draft->sends_source)
        return;
    draft->strength = source->has_strength ? source->strength : STRENGTHS[source->change];
    draft->image_prompt_strength =
        source->has_image_prompt_strength ? source->image_prompt_strength : IMAGE_PROMPT_STRENGTHS[source->change];
}
