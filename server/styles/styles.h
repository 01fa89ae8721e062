#pragma once
/* All styles that are shipped, from the data files in {root}/server/styles/data (docs/styles.md). Opened once at start;
   immutable afterwards, so all threads may read them. */
#include "catalog/catalog.h"
#include "styles/style.h"

enum { STYLES_MAX = 256 };

#define STYLES_OWN_CATEGORY "own" /* of what users have saved; no shipped category has this id */
#define STYLE_OWN_EMOJI "⭐"

struct styles;

/* Checks the files and what they say to each other and to the catalogue's presets. NULL: a fault, in words with file
   and place (ERR_INTERNAL, "data_file"). */
struct styles *styles_open(const char *root, const struct catalog *catalog, struct err *reterr);
void styles_close(struct styles *styles); /* NULL is fine */

/* NULL: no such style. */
const struct style *styles_find(const struct styles *styles, const char *id);

/* In the order of the files; NULL behind the last. */
const struct style *styles_at(const struct styles *styles, int index);
int styles_count(const struct styles *styles);
/* Their ids as a text[] literal. */
const char *styles_ids(const struct styles *styles);
const struct style_category *styles_category_at(const struct styles *styles, int index);
const struct style_tag *styles_tag_at(const struct styles *styles, int index);

/* By id; NULL: no such thing. Ids of categories and groups are different from each other. */
const struct style_category *styles_category(const struct styles *styles, const char *id);
const struct style_group *styles_group(const struct styles *styles, const char *id);

/* Is the style in the category or group of that id? "" is every one. */
bool styles_in(const struct style *style, const char *category_or_group);
/* How many are. */
int styles_count_in(const struct styles *styles, const char *category_or_group);
