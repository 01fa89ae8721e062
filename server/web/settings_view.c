#include "web/settings_view.h"

#include <string.h>

#include "local.h"
#include "web/choice.h"
#include "web/form_faults.h"
#include "web/form_typed.h"
#include "web/ledger_view.h"
#include "web/session_view.h"
#include "web/zone_view.h"

struct settings_view {
    const char *name, *time_zone;
    bool zone_is_other; /* time_zone is none of those in zones */
    struct view_items languages, themes, presets, zones, faults;
    const char *name_fault, *locale_fault, *theme_fault, *preset_fault, *time_zone_fault;
    int64_t granted, available, held, spent;                        /* credits */
    int64_t made, made_month, failed, seconds, pictures, favorites; /* figures */
    bool has_seconds;
    struct view_items ledger;
    bool has_ledger;
    struct view_items tokens, days, token_faults;
    const char *token_name, *token_name_fault, *scopes_fault, *days_fault;
    bool scope_read, scope_write, scope_generate, scope_admin, may_admin, token_was_sent;
    struct text trouble, trouble_advice;
    char key[sizeof((struct uuid *)0)->text];
    struct view_items sessions;
    bool has_faults, has_tokens, has_token_faults;
    bool has_others; /* sessions besides this one */
};

#define FIELD(kind, member, ...) VIEW_FIELD(kind, struct settings_view, member, __VA_ARGS__)

static const struct view_field FIELDS[] = {
    FIELD(VIEW_STRING, name, 0),
    FIELD(VIEW_STRING, time_zone, 0),
    FIELD(VIEW_BOOL, zone_is_other, 0),
    FIELD(VIEW_ITEMS, languages, .type = &choice_type),
    FIELD(VIEW_ITEMS, themes, .type = &choice_type),
    FIELD(VIEW_ITEMS, presets, .type = &choice_type),
    FIELD(VIEW_ITEMS, zones, .type = &zone_group_type),
    FIELD(VIEW_ITEMS, faults, .type = &form_fault_type),
    FIELD(VIEW_STRING, name_fault, 0),
    FIELD(VIEW_STRING, locale_fault, 0),
    FIELD(VIEW_STRING, theme_fault, 0),
    FIELD(VIEW_STRING, preset_fault, 0),
    FIELD(VIEW_STRING, time_zone_fault, 0),
    FIELD(VIEW_INT64, granted, 0),
    FIELD(VIEW_INT64, available, 0),
    FIELD(VIEW_INT64, held, 0),
    FIELD(VIEW_INT64, spent, 0),
    FIELD(VIEW_INT64, made, 0),
    FIELD(VIEW_INT64, made_month, 0),
    FIELD(VIEW_INT64, failed, 0),
    FIELD(VIEW_INT64, seconds, 0),
    FIELD(VIEW_INT64, pictures, 0),
    FIELD(VIEW_INT64, favorites, 0),
    FIELD(VIEW_BOOL, has_seconds, 0),
    FIELD(VIEW_ITEMS, ledger, .type = &ledger_view_type),
    FIELD(VIEW_BOOL, has_ledger, 0),
    FIELD(VIEW_ITEMS, tokens, .type = &token_view_type),
    FIELD(VIEW_ITEMS, days, .type = &choice_type),
    FIELD(VIEW_ITEMS, token_faults, .type = &form_fault_type),
    FIELD(VIEW_STRING, token_name, 0),
    FIELD(VIEW_STRING, token_name_fault, 0),
    FIELD(VIEW_STRING, scopes_fault, 0),
    FIELD(VIEW_STRING, days_fault, 0),
    FIELD(VIEW_BOOL, scope_read, 0),
    FIELD(VIEW_BOOL, scope_write, 0),
    FIELD(VIEW_BOOL, scope_generate, 0),
    FIELD(VIEW_BOOL, scope_admin, 0),
    FIELD(VIEW_BOOL, may_admin, 0),
    FIELD(VIEW_BOOL, token_was_sent, 0),
    FIELD(VIEW_TEXT, trouble, 0),
    FIELD(VIEW_TEXT, trouble_advice, 0),
    FIELD(VIEW_CHARS, key, 0),
    FIELD(VIEW_ITEMS, sessions, .type = &session_view_type),
    FIELD(VIEW_BOOL, has_faults, 0),
    FIELD(VIEW_BOOL, has_tokens, 0),
    FIELD(VIEW_BOOL, has_token_faults, 0),
    FIELD(VIEW_BOOL, has_others, 0),
    {0},
};
const struct view_type settings_view_type = VIEW_TYPE(struct settings_view, FIELDS);

static struct view_items presets_of(struct call *call, const char *chosen)
{
    const struct catalog *catalog = local_of(call)->catalog;
    const struct preset *preset;
    struct choice *choices;
    size_t count = 0;

    while (catalog_preset_at(catalog, (int)count))
        count++;
    choices = call_alloc(call, sizeof *choices * (count + 1));
    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++)
        choices[i] = (struct choice){
            .value = preset->name,
            .title = words_in(&preset->title, call->lang),
            .text = words_in(&preset->description, call->lang),
            .is_chosen = strcmp(preset->name, chosen) == 0,
        };
    return (struct view_items){choices, count};
}

static void fill_settings(struct call *call, const struct settings_state *state, struct settings_view *view)
{
    static const char *const LANGUAGES[] = {"ru", "en", NULL}, *const THEMES[] = {"auto", "light", "dark", NULL};

    view->name = state->name;
    view->time_zone = state->change.time_zone;
    view->languages = choices_of(call, LANGUAGES, "settings.language_", state->change.locale);
    view->themes = choices_of(call, THEMES, "settings.theme_", state->change.theme);
    view->presets = presets_of(call, state->change.default_preset);
    view->faults = form_faults_of(call, &state->faults, "settings");
    view->name_fault = form_fault_at(view->faults, "name");
    view->locale_fault = form_fault_at(view->faults, "locale");
    view->theme_fault = form_fault_at(view->faults, "theme");
    view->preset_fault = form_fault_at(view->faults, "default_preset");
    view->time_zone_fault = form_fault_at(view->faults, "time_zone");
}

static void fill_credits(struct call *call, const struct settings_state *state, struct settings_view *view)
{
    view->granted = state->account.granted;
    view->available = state->account.available;
    view->held = state->account.held;
    view->spent = state->account.spent;
    view->ledger = ledger_views_of(call, state->ledger);
    view->has_ledger = view->ledger.count > 0;
}

static void fill_figures(const struct tally_summary *tally, struct settings_view *view)
{
    double seconds = tally_average(&tally->all);

    view->made = tally->all.completed;
    view->made_month = tally->this_month.completed;
    view->failed = tally->all.failed;
    view->has_seconds = seconds >= 0;
    view->seconds = (int64_t)(seconds + 0.5);
    view->pictures = tally->pictures.shown;
    view->favorites = tally->pictures.favorites;
}

static void fill_token_form(struct call *call, const struct settings_state *state, struct settings_view *view)
{
    static const struct token_form FIRST = {.scope_read = true, .scope_generate = true, .days = 90};
    const struct token_form *form = state->token_was_sent ? &state->token : &FIRST;

    view->token_was_sent = state->token_was_sent;
    view->token_name = state->token_was_sent ? form_typed(call, "token_name") : "";
    view->scope_read = form->scope_read;
    view->scope_write = form->scope_write;
    view->scope_generate = form->scope_generate;
    view->scope_admin = form->scope_admin;
    view->may_admin = call->who.scopes & SCOPE_ADMIN;
    view->days = token_form_days(call, form);
    view->token_faults = form_faults_of(call, &state->token_faults, "settings");
    view->token_name_fault = form_fault_at(view->token_faults, "token_name");
    view->scopes_fault = form_fault_at(view->token_faults, "scopes");
    view->days_fault = form_fault_at(view->token_faults, "days");
    (void)text_copy(view->key, sizeof view->key, text_of(uuid_make().text));
}

const struct settings_view *settings_view_make(struct call *call, const struct settings_state *state,
                                               const PGresult *zones)
{
    struct settings_view *view = call_alloc(call, sizeof *view);
    bool zone_found;

    *view = (struct settings_view){0};
    fill_settings(call, state, view);
    view->zones = zone_groups_of(call, zones, state->change.time_zone, &zone_found);
    view->zone_is_other = !zone_found && *state->change.time_zone;
    fill_credits(call, state, view);
    fill_figures(&state->tally, view);
    view->tokens = token_views_of(call, state->tokens);
    fill_token_form(call, state, view);
    if (state->trouble)
        view->trouble = message_parts(state->trouble, call->lang, &view->trouble_advice);
    view->sessions = session_views_of(call, state->sessions);
    view->has_faults = view->faults.count > 0;
    view->has_tokens = view->tokens.count > 0;
    view->has_token_faults = view->token_faults.count > 0;
    view->has_others = view->sessions.count > 1;
    return view;
}
