#include "web/training_view.h"

#include <string.h>

#include "base/uuid.h"
#include "local.h"
#include "trainings/training_offer.h"

enum { MINUTE_S = 60, LEFT_STEP_S = 5, PRESETS_MAX = 8 };

#define FIELD(kind, member) VIEW_FIELD(kind, struct training_view, member, 0)

static const struct view_field FIELDS[] = {
    FIELD(VIEW_STRING, status),
    FIELD(VIEW_BOOL, is_pending),
    FIELD(VIEW_BOOL, is_submitting),
    FIELD(VIEW_BOOL, is_queued),
    FIELD(VIEW_BOOL, is_running),
    FIELD(VIEW_BOOL, is_storing),
    FIELD(VIEW_BOOL, is_cancelling),
    FIELD(VIEW_BOOL, may_cancel),
    FIELD(VIEW_BOOL, is_next),
    FIELD(VIEW_BOOL, has_ahead),
    FIELD(VIEW_INT64, ahead),
    FIELD(VIEW_INT64, progress),
    FIELD(VIEW_BOOL, has_left_seconds),
    FIELD(VIEW_BOOL, has_left_minutes),
    FIELD(VIEW_BOOL, has_no_left),
    FIELD(VIEW_INT64, left_seconds),
    FIELD(VIEW_INT64, left_minutes),
    FIELD(VIEW_INT64, seconds),
    FIELD(VIEW_STRING, preset),
    FIELD(VIEW_INT64, photos),
    FIELD(VIEW_INT64, reserved),
    FIELD(VIEW_TEXT, waiting),
    FIELD(VIEW_TEXT, waiting_advice),
    FIELD(VIEW_BOOL, is_waiting),
    {0},
};
const struct view_type training_view_type = VIEW_TYPE(struct training_view, FIELDS);

static void fill_stage(struct training_view *view, const struct training *training)
{
    const char *status = training->status;

    view->is_submitting = strcmp(status, "submitting") == 0;
    view->is_queued = strcmp(status, "queued") == 0;
    view->is_running = strcmp(status, "running") == 0;
    view->is_storing = strcmp(status, "storing") == 0;
    view->is_pending = !view->is_submitting && !view->is_queued && !view->is_running && !view->is_storing;
    view->is_cancelling = training->cancel_requested;
    view->may_cancel = !training->cancel_requested;
    view->is_next = view->is_queued && training->queue_position == 0;
    view->has_ahead = view->is_queued && training->queue_position > 0;
    view->ahead = training->queue_position > 0 ? training->queue_position : 0;
}

/* Rounded up to what an estimate is worth: five seconds, beyond a minute and a half whole minutes. */
static void fill_left(struct training_view *view, int64_t left)
{
    view->has_no_left = left < 0;
    view->has_left_minutes = left > MINUTE_S + MINUTE_S / 2;
    view->has_left_seconds = left >= 0 && !view->has_left_minutes;
    view->left_minutes = (left + MINUTE_S - 1) / MINUTE_S;
    view->left_seconds = left > 0 ? (left + LEFT_STEP_S - 1) / LEFT_STEP_S * LEFT_STEP_S : LEFT_STEP_S;
    view->seconds = left;
}

static const char *title_of(const struct call *call, const char *preset)
{
    const struct training_preset *known = catalog_training_preset(local_of(call)->catalog, preset);

    return known ? words_in(&known->title, call->lang) : preset;
}

struct training_view training_view_of(const struct call *call, const struct training *training)
{
    struct training_view view = {
        .status = training->status,
        .progress = training->progress,
        .preset = title_of(call, training->preset),
        .photos = training->photos,
        .reserved = training->cost,
    };

    fill_stage(&view, training);
    fill_left(&view, training->seconds_left);
    view.is_waiting = training->waiting_for[0] != '\0';
    if (view.is_waiting)
        view.waiting = message_parts(training->waiting_for, call->lang, &view.waiting_advice);
    return view;
}

/* What may be begun */

struct train_choice {
    const char *name, *title, *description;
    int64_t credits, min_minutes, max_minutes;
    bool is_chosen, is_dear; /* is_dear: more than can be spent */
};

static const struct view_field CHOICE_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct train_choice, name),
    VIEW_FIELD(VIEW_STRING, struct train_choice, title),
    VIEW_FIELD(VIEW_STRING, struct train_choice, description),
    VIEW_FIELD(VIEW_INT64, struct train_choice, credits),
    VIEW_FIELD(VIEW_INT64, struct train_choice, min_minutes),
    VIEW_FIELD(VIEW_INT64, struct train_choice, max_minutes),
    VIEW_FIELD(VIEW_BOOL, struct train_choice, is_chosen),
    VIEW_FIELD(VIEW_BOOL, struct train_choice, is_dear),
    {0},
};
static const struct view_type CHOICE_TYPE = VIEW_TYPE(struct train_choice, CHOICE_FIELDS);

static const struct view_field TRAIN_FIELDS[] = {
    VIEW_FIELD(VIEW_ITEMS, struct train_view, presets, .type = &CHOICE_TYPE),
    VIEW_FIELD(VIEW_STRING, struct train_view, endpoint),
    VIEW_FIELD(VIEW_INT64, struct train_view, available),
    VIEW_FIELD(VIEW_INT64, struct train_view, price),
    VIEW_FIELD(VIEW_BOOL, struct train_view, is_short),
    VIEW_FIELD(VIEW_BOOL, struct train_view, has_held),
    VIEW_FIELD(VIEW_INT64, struct train_view, held),
    VIEW_FIELD(VIEW_TEXT, struct train_view, gone),
    VIEW_FIELD(VIEW_TEXT, struct train_view, gone_advice),
    VIEW_FIELD(VIEW_CHARS, struct train_view, key),
    {0},
};
const struct view_type train_view_type = VIEW_TYPE(struct train_view, TRAIN_FIELDS);

static struct train_choice choice_of(const struct call *call, const struct training_offer *offer, int64_t available)
{
    return (struct train_choice){
        .name = offer->preset->name,
        .title = words_in(&offer->preset->title, call->lang),
        .description = words_in(&offer->preset->description, call->lang),
        .credits = offer->cost,
        .min_minutes = offer->expected_minutes.min,
        .max_minutes = offer->expected_minutes.max,
        .is_dear = offer->cost > available,
    };
}

/* The chosen one, or the next that can be paid. */
static void choose(struct train_choice *choices, size_t count, const char *chosen)
{
    struct train_choice *first = NULL, *wanted = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!first && !choices[i].is_dear)
            first = &choices[i];
        if (strcmp(choices[i].name, chosen) == 0 && !choices[i].is_dear)
            wanted = &choices[i];
    }
    if (wanted || first)
        (wanted ? wanted : first)->is_chosen = true;
}

static bool fill_choices(struct call *call, enum avatar_type type, struct train_view *view, struct train_choice *to)
{
    const struct catalog *catalog = local_of(call)->catalog;
    const struct training_preset *preset;
    struct training_offer offer;
    struct err err;
    size_t count = 0;

    while (count < PRESETS_MAX && (preset = catalog_training_preset_at(catalog, (int)count))) {
        if (!training_offer_make(catalog, type, preset, &offer, &err)) {
            view->gone = message_parts(err.code, call->lang, &view->gone_advice);
            return false;
        }
        view->endpoint = offer.endpoint->id;
        if (!count || offer.cost < view->price)
            view->price = offer.cost;
        to[count++] = choice_of(call, &offer, view->available);
    }
    view->presets = (struct view_items){to, count};
    return true;
}

struct train_view train_view_of(struct call *call, const struct avatar *avatar, const struct account *account,
                                const char *chosen)
{
    const struct training_preset *usual = catalog_default_training_preset(local_of(call)->catalog);
    struct train_choice *choices = call_alloc(call, sizeof *choices * PRESETS_MAX);
    struct train_view view = {.available = account->available, .held = account->held, .has_held = account->held > 0};

    (void)text_copy(view.key, sizeof view.key, text_of(uuid_make().text));
    if (!fill_choices(call, avatar->type, &view, choices))
        return view;
    choose(choices, view.presets.count, chosen ? chosen : usual->name);
    view.is_short = view.price > view.available;
    return view;
}
