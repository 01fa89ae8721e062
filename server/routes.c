#include "routes.h"

#include "avatars/avatar_api.h"
#include "avatars/create_api.h"
#include "avatars/import_api.h"
#include "avatars/presets_api.h"
#include "batches/batch_api.h"
#include "endpoints/endpoints_api.h"
#include "events/events_api.h"
#include "gallery/image_api.h"
#include "generations/generation_api.h"
#include "generations/remake_api.h"
#include "generations/tally_api.h"
#include "hooks/fal_hook_api.h"
#include "ops/health_api.h"
#include "ops/metrics_api.h"
#include "photos/photo_api.h"
#include "styles/own_style_api.h"
#include "styles/style_api.h"
#include "styles/style_favorite_api.h"
#include "styles/style_results_api.h"
#include "trainings/training_api.h"
#include "users/ledger_api.h"
#include "users/login_link_api.h"
#include "users/me_api.h"
#include "users/token_api.h"
#include "web/avatar_create_page.h"
#include "web/avatar_forms.h"
#include "web/avatar_page.h"
#include "web/avatars_page.h"
#include "web/batch_create_page.h"
#include "web/batch_form.h"
#include "web/batch_page.h"
#include "web/create_form.h"
#include "web/create_page.h"
#include "web/docs_page.h"
#include "web/gallery_page.h"
#include "web/generation_page.h"
#include "web/generations_page.h"
#include "web/home_page.h"
#include "web/image_forms.h"
#include "web/image_page.h"
#include "web/import_page.h"
#include "web/link_page.h"
#include "web/login_page.h"
#include "web/logout_page.h"
#include "web/photo_forms.h"
#include "web/remake_forms.h"
#include "web/settings_forms.h"
#include "web/settings_page.h"
#include "web/static_files.h"
#include "web/style_edit_page.h"
#include "web/style_forms.h"
#include "web/style_page.h"
#include "web/styles_page.h"
#include "web/token_forms.h"
#include "web/training_forms.h"

enum { PAGE = true /* its errors are pages */ };
enum {
    JSON_BODY = 64 * 1024,
    FORM_BODY = 4 * 1024,
    WIDE_FORM_BODY = 16 * 1024, /* an address of 1000 bytes, percent-encoded, among its fields */
    CREATE_BODY = CREATE_FORM_BYTES,
    NO_BODY = 0 /* one that comes is not looked at */
};

/* clang-format off */
const struct route routes[] = {
    {"GET",    "/",                                ACCESS_PUBLIC,   NO_BODY,   home_page_show,  PAGE},
    {"GET",    "/health",                          ACCESS_PUBLIC,   NO_BODY,   health_show},
    {"GET",    "/health/live",                     ACCESS_PUBLIC,   NO_BODY,   health_live},
    {"GET",    "/health/ready",                    ACCESS_PUBLIC,   NO_BODY,   health_show},
    {"GET",    "/metrics",                         ACCESS_PUBLIC,   NO_BODY,   metrics_show},
    {"GET",    "/openapi.yaml",                    ACCESS_PUBLIC,   NO_BODY,   static_show_contract},
    {"GET",    "/static/{version}/{*}",            ACCESS_PUBLIC,   NO_BODY,   static_show},
    {"GET",    "/favicon.ico",                     ACCESS_PUBLIC,   NO_BODY,   static_show_favicon},
    {"GET",    "/robots.txt",                      ACCESS_PUBLIC,   NO_BODY,   static_show_robots},
    {"GET",    "/docs",                            ACCESS_PUBLIC,   NO_BODY,   docs_page_show,  PAGE},
    {"GET",    "/api/v1/service",                  ACCESS_READ,     NO_BODY,   service_show},

    {"GET",    "/login",                           ACCESS_PUBLIC,   NO_BODY,   login_page_show, PAGE},
    {"GET",    "/auth/link/{token}",               ACCESS_PUBLIC,   NO_BODY,   link_page_show,  PAGE},
    {"POST",   "/auth/link/{token}",               ACCESS_PUBLIC,   FORM_BODY, link_page_use,   PAGE},
    {"POST",   "/auth/logout",                     ACCESS_READ,     FORM_BODY, logout_page_use, PAGE},
    {"GET",    "/settings",                        ACCESS_READ,     NO_BODY,   settings_page_show,  PAGE},
    {"POST",   "/settings",                        ACCESS_WRITE,    FORM_BODY, settings_forms_save, PAGE},
    {"POST",   "/settings/tokens",                 ACCESS_WRITE,    FORM_BODY, token_forms_create,  PAGE},
    {"POST",   "/settings/tokens/{id}/revoke",     ACCESS_WRITE,    FORM_BODY, token_forms_revoke,  PAGE},
    {"POST",   "/settings/sessions/end",           ACCESS_WRITE,    FORM_BODY, settings_forms_end_sessions, PAGE},

    {"POST",   "/api/v1/auth/links",               ACCESS_SERVICE,  JSON_BODY, login_link_create},
    {"GET",    "/api/v1/me",                       ACCESS_READ,     NO_BODY,   me_show},
    {"PATCH",  "/api/v1/me",                       ACCESS_WRITE,    JSON_BODY, me_change},
    {"GET",    "/api/v1/me/ledger",                ACCESS_READ,     NO_BODY,   ledger_list},
    {"GET",    "/api/v1/me/stats",                 ACCESS_READ,     NO_BODY,   tally_show},
    {"GET",    "/api/v1/tokens",                   ACCESS_READ,     NO_BODY,   token_list},
    {"POST",   "/api/v1/tokens",                   ACCESS_WRITE,    JSON_BODY, token_create},
    {"DELETE", "/api/v1/tokens/{id}",              ACCESS_WRITE,    NO_BODY,   token_delete},

    {"GET",    "/create",                          ACCESS_READ,     NO_BODY,   create_page_show, PAGE},
    {"POST",   "/create",                          ACCESS_GENERATE, CREATE_BODY, create_page_send, PAGE},
    {"GET",    "/styles",                          ACCESS_READ,     NO_BODY,   styles_page_show, PAGE},
    {"GET",    "/styles/new",                      ACCESS_READ,     NO_BODY,   style_new_show, PAGE},
    {"POST",   "/styles/new",                      ACCESS_WRITE,    CREATE_BODY, style_new_send, PAGE},
    {"GET",    "/styles/{id}",                     ACCESS_READ,     NO_BODY,   style_page_show, PAGE},
    {"POST",   "/styles/{id}",                     ACCESS_GENERATE, FORM_BODY, style_page_make, PAGE},
    {"POST",   "/styles/{id}/look",                ACCESS_READ,     FORM_BODY, style_page_look, PAGE},
    {"POST",   "/styles/{id}/favorite",            ACCESS_WRITE,    FORM_BODY, style_forms_favorite, PAGE},
    {"GET",    "/styles/{id}/edit",                ACCESS_READ,     NO_BODY,   style_edit_show, PAGE},
    {"POST",   "/styles/{id}/edit",                ACCESS_WRITE,    CREATE_BODY, style_edit_send, PAGE},
    {"POST",   "/styles/{id}/delete",              ACCESS_WRITE,    FORM_BODY, style_forms_delete, PAGE},
    {"GET",    "/create/batch",                    ACCESS_READ,     NO_BODY,   batch_create_page_show, PAGE},
    {"POST",   "/create/batch",                    ACCESS_GENERATE, BATCH_FORM_BYTES, batch_create_page_send, PAGE},
    {"GET",    "/batches/{id}",                    ACCESS_READ,     NO_BODY,   batch_page_show, PAGE},
    {"POST",   "/batches/{id}/cancel",             ACCESS_GENERATE, FORM_BODY, batch_page_cancel, PAGE},
    {"GET",    "/generations",                     ACCESS_READ,     NO_BODY,   generations_page_show, PAGE},
    {"GET",    "/generations/{id}",                ACCESS_READ,     NO_BODY,   generation_page_show, PAGE},
    {"POST",   "/generations/{id}/cancel",         ACCESS_GENERATE, FORM_BODY, generation_page_cancel, PAGE},
    {"POST",   "/generations/{id}/again",          ACCESS_GENERATE, FORM_BODY, remake_forms_again, PAGE},

    {"GET",    "/avatars",                         ACCESS_READ,     NO_BODY,   avatars_page_show,     PAGE},
    {"GET",    "/avatars/new",                     ACCESS_READ,     NO_BODY,   avatar_create_page_show, PAGE},
    {"POST",   "/avatars/new",                     ACCESS_WRITE,    FORM_BODY, avatar_create_page_send, PAGE},
    {"GET",    "/avatars/import",                  ACCESS_READ,     NO_BODY,   import_page_show,      PAGE},
    {"POST",   "/avatars/import",                  ACCESS_WRITE,    WIDE_FORM_BODY, import_page_send, PAGE},
    {"GET",    "/avatars/{id}",                    ACCESS_READ,     NO_BODY,   avatar_page_show,      PAGE},
    {"POST",   "/avatars/{id}/rename",             ACCESS_WRITE,    FORM_BODY, avatar_forms_rename,   PAGE},
    {"POST",   "/avatars/{id}/main",               ACCESS_WRITE,    FORM_BODY, avatar_forms_main,     PAGE},
    {"POST",   "/avatars/{id}/delete",             ACCESS_WRITE,    FORM_BODY, avatar_forms_delete,   PAGE},
    {"GET",    "/avatars/{id}/photos",             ACCESS_READ,     NO_BODY,   avatar_page_show,      PAGE},
    {"POST",   "/avatars/{id}/photos",             ACCESS_WRITE,    NO_BODY,   photo_forms_send,      PAGE, PHOTO_UPLOAD_LIMIT},
    {"POST",   "/avatars/{id}/photos/{photo}/delete", ACCESS_WRITE, FORM_BODY, photo_forms_delete,    PAGE},
    {"POST",   "/avatars/{id}/train",              ACCESS_GENERATE, FORM_BODY, training_forms_begin,  PAGE},
    {"POST",   "/avatars/{id}/train/cancel",       ACCESS_GENERATE, FORM_BODY, training_forms_cancel, PAGE},

    {"GET",    "/api/v1/avatars",                  ACCESS_READ,     NO_BODY,   avatar_list},
    {"POST",   "/api/v1/avatars",                  ACCESS_WRITE,    JSON_BODY, create_post},
    {"POST",   "/api/v1/avatars/import",           ACCESS_WRITE,    JSON_BODY, import_post},
    {"GET",    "/api/v1/avatars/{id}",             ACCESS_READ,     NO_BODY,   avatar_show},
    {"PATCH",  "/api/v1/avatars/{id}",             ACCESS_WRITE,    JSON_BODY, avatar_patch},
    {"DELETE", "/api/v1/avatars/{id}",             ACCESS_WRITE,    NO_BODY,   avatar_remove},
    {"GET",    "/api/v1/avatars/{id}/training",    ACCESS_READ,     NO_BODY,   training_show},
    {"POST",   "/api/v1/avatars/{id}/training",    ACCESS_GENERATE, JSON_BODY, training_start},
    {"DELETE", "/api/v1/avatars/{id}/training",    ACCESS_GENERATE, NO_BODY,   training_cancel_asked},
    {"GET",    "/api/v1/avatars/{id}/photos",      ACCESS_READ,     NO_BODY,   photo_list},
    {"POST",   "/api/v1/avatars/{id}/photos",      ACCESS_WRITE,    NO_BODY,   photo_send, .upload_limit = PHOTO_UPLOAD_LIMIT},
    {"POST",   "/api/v1/avatars/{id}/photos/uploads",  ACCESS_WRITE, JSON_BODY, photo_upload_open},
    {"GET",    "/api/v1/avatars/{id}/photos/{photo}",  ACCESS_READ,  NO_BODY,   photo_show},
    {"DELETE", "/api/v1/avatars/{id}/photos/{photo}",  ACCESS_WRITE, NO_BODY,   photo_delete},
    {"GET",    "/api/v1/presets",                  ACCESS_READ,     NO_BODY,   presets_show},
    {"GET",    "/api/v1/endpoints",                ACCESS_ADMIN,    NO_BODY,   endpoints_list},
    {"PATCH",  "/api/v1/endpoints/{id}",           ACCESS_ADMIN,    JSON_BODY, endpoints_patch},

    {"GET",    "/api/v1/templates",                ACCESS_READ,     NO_BODY,   style_api_list},
    {"POST",   "/api/v1/templates",                ACCESS_WRITE,    JSON_BODY, own_style_api_create},
    {"GET",    "/api/v1/templates/categories",     ACCESS_READ,     NO_BODY,   style_api_categories},
    {"GET",    "/api/v1/templates/popular",        ACCESS_READ,     NO_BODY,   style_api_popular},
    {"GET",    "/api/v1/templates/recommended",    ACCESS_READ,     NO_BODY,   style_api_recommended},
    {"GET",    "/api/v1/templates/favorites",      ACCESS_READ,     NO_BODY,   style_api_favorites},
    {"GET",    "/api/v1/templates/{id}",           ACCESS_READ,     NO_BODY,   style_api_show},
    {"PATCH",  "/api/v1/templates/{id}",           ACCESS_WRITE,    JSON_BODY, own_style_api_patch},
    {"DELETE", "/api/v1/templates/{id}",           ACCESS_WRITE,    NO_BODY,   own_style_api_remove},
    {"PUT",    "/api/v1/templates/{id}/favorite",  ACCESS_WRITE,    NO_BODY,   style_favorite_api_put},
    {"DELETE", "/api/v1/templates/{id}/favorite",  ACCESS_WRITE,    NO_BODY,   style_favorite_api_remove},
    {"GET",    "/api/v1/analytics/templates",      ACCESS_ADMIN,    NO_BODY,   style_results_api_show},

    {"GET",    "/api/v1/generations",              ACCESS_READ,     NO_BODY,   generation_list},
    {"POST",   "/api/v1/generations",              ACCESS_GENERATE, JSON_BODY, generation_create},
    {"GET",    "/api/v1/generations/batches",      ACCESS_READ,     NO_BODY,   batch_list},
    {"POST",   "/api/v1/generations/batches",      ACCESS_GENERATE, BATCH_BODY_LIMIT, batch_create_asked},
    {"GET",    "/api/v1/generations/batches/{id}", ACCESS_READ,     NO_BODY,   batch_show},
    {"POST",   "/api/v1/generations/batches/{id}/cancel", ACCESS_GENERATE, NO_BODY, batch_cancel_asked},
    {"GET",    "/api/v1/generations/{id}",         ACCESS_READ,     NO_BODY,   generation_show},
    {"POST",   "/api/v1/generations/{id}/cancel",  ACCESS_GENERATE, NO_BODY,   generation_cancel_asked},
    {"POST",   "/api/v1/generations/{id}/retry",   ACCESS_GENERATE, JSON_BODY, remake_retry},

    {"GET",    "/api/v1/images",                   ACCESS_READ,     NO_BODY,   image_list},
    {"GET",    "/api/v1/images/{id}",              ACCESS_READ,     NO_BODY,   image_show},
    {"PATCH",  "/api/v1/images/{id}",              ACCESS_WRITE,    JSON_BODY, image_patch},
    {"DELETE", "/api/v1/images/{id}",              ACCESS_WRITE,    NO_BODY,   image_remove},
    {"POST",   "/api/v1/images/{id}/restore",      ACCESS_WRITE,    NO_BODY,   image_restore_asked},
    {"POST",   "/api/v1/images/{id}/variations",   ACCESS_GENERATE, JSON_BODY, remake_vary},
    {"POST",   "/api/v1/images/{id}/repeat",       ACCESS_GENERATE, JSON_BODY, remake_repeat},
    {"GET",    "/images",                          ACCESS_READ,     NO_BODY,   gallery_page_show, PAGE},
    {"GET",    "/images/{id}",                     ACCESS_READ,     NO_BODY,   image_page_show, PAGE},
    {"POST",   "/images/{id}/favorite",            ACCESS_WRITE,    FORM_BODY, image_forms_favorite, PAGE},
    {"POST",   "/images/{id}/rename",              ACCESS_WRITE,    FORM_BODY, image_forms_rename, PAGE},
    {"POST",   "/images/{id}/delete",              ACCESS_WRITE,    FORM_BODY, image_forms_delete, PAGE},
    {"POST",   "/images/{id}/restore",             ACCESS_WRITE,    FORM_BODY, image_forms_restore, PAGE},
    {"POST",   "/images/{id}/variation",           ACCESS_GENERATE, FORM_BODY, remake_forms_vary, PAGE},
    {"POST",   "/images/{id}/repeat",              ACCESS_GENERATE, FORM_BODY, remake_forms_repeat, PAGE},
    {"POST",   "/images/{id}/again",               ACCESS_GENERATE, FORM_BODY, remake_forms_more, PAGE},

    {"GET",    "/api/v1/events",                   ACCESS_READ,     NO_BODY,   events_stream},

    {"POST",   "/api/v1/webhooks/fal/{token}",     ACCESS_PUBLIC,   FAL_HOOK_MAX_BODY, fal_hook_receive},
    {"POST",   "/api/avatar/status_update",        ACCESS_PUBLIC,   FAL_HOOK_MAX_BODY, fal_hook_status_update},
    {0},
};
/* clang-format on */
