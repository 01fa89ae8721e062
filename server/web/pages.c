#include "web/pages.h"

#include "web/avatar_create_page.h"
#include "web/avatar_page.h"
#include "web/avatars_page.h"
#include "web/batch_create_page.h"
#include "web/batch_page.h"
#include "web/create_page.h"
#include "web/docs_page.h"
#include "web/error_page.h"
#include "web/gallery_page.h"
#include "web/generation_page.h"
#include "web/generations_page.h"
#include "web/image_page.h"
#include "web/import_page.h"
#include "web/link_page.h"
#include "web/login_page.h"
#include "web/page.h"
#include "web/settings_page.h"
#include "web/style_edit_page.h"
#include "web/style_page.h"
#include "web/styles_page.h"
#include "web/token_forms.h"

/* One in a line, for those who add to it. clang-format would have it otherwise. */
/* clang-format off */
static const struct page *const PAGES[] = {
    &avatar_create_page,
    &avatar_page,
    &avatars_page,
    &batch_create_page,
    &batch_page,
    &create_page,
    &docs_page,
    &error_page,
    &gallery_page,
    &generation_page,
    &generations_page,
    &image_page,
    &import_page,
    &link_gone_page,
    &link_page,
    &login_page,
    &settings_page,
    &style_edit_page,
    &style_page,
    &styles_page,
    &token_made_page,
};
/* clang-format on */

enum { COUNT = sizeof PAGES / sizeof *PAGES };

static bool all_are_there(const struct templates *templates, struct err *reterr)
{
    for (int i = 0; i < COUNT; i++)
        if (!templates_find(templates, LANG_RU, PAGES[i]->template))
            return err_set(reterr, ERR_INVALID, "template", "templates/%s.mustache is missing", PAGES[i]->template);
    return true;
}

struct templates *pages_open(const char *root, const struct texts *texts, struct err *reterr)
{
    const struct view_type *types[COUNT + 2] = {&page_frame_type};
    struct templates *templates;

    for (int i = 0; i < COUNT; i++)
        types[i + 1] = PAGES[i]->type;
    templates = templates_open(root, texts, types, reterr);
    if (templates && !all_are_there(templates, reterr)) {
        templates_close(templates);
        return NULL;
    }
    return templates;
}
