#include "styles/styles.h"

#include <string.h>

#include "styles/styles_inside.h"

const struct style *styles_at(const struct styles *styles, int index)
{
    return index >= 0 && index < styles->count ? &styles->entries[index]->style : NULL;
}

const char *styles_ids(const struct styles *styles) { return styles->ids; }

int styles_count(const struct styles *styles) { return styles->count; }

const struct style *styles_find(const struct styles *styles, const char *id)
{
    for (int i = 0; i < styles->count; i++)
        if (strcmp(styles->entries[i]->style.id, id) == 0)
            return &styles->entries[i]->style;
    return NULL;
}

const struct style_category *styles_category_at(const struct styles *styles, int index)
{
    const struct styles_categories *all = &styles->overview.categories;

    return index >= 0 && index < all->count ? &all->at[index] : NULL;
}

const struct style_tag *styles_tag_at(const struct styles *styles, int index)
{
    const struct styles_tags *all = &styles->overview.tags;

    return index >= 0 && index < all->count ? &all->at[index] : NULL;
}

const struct style_category *styles_category(const struct styles *styles, const char *id)
{
    const struct style_category *category;

    for (int i = 0; (category = styles_category_at(styles, i)); i++)
        if (strcmp(category->id, id) == 0)
            return category;
    return NULL;
}

const struct style_group *styles_group(const struct styles *styles, const char *id)
{
    const struct style_category *category;

    for (int i = 0; (category = styles_category_at(styles, i)); i++)
        for (int j = 0; j < category->groups.count; j++)
            if (strcmp(category->groups.at[j].id, id) == 0)
                return &category->groups.at[j];
    return NULL;
}

bool styles_in(const struct style *style, const char *id)
{
    return !*id || strcmp(style->group->id, id) == 0 || strcmp(style->group->category->id, id) == 0;
}

int styles_count_in(const struct styles *styles, const char *id)
{
    const struct style *style;
    int count = 0;

    for (int i = 0; (style = styles_at(styles, i)); i++)
        count += styles_in(style, id);
    return count;
}
