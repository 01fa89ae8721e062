#pragma once
/* What somebody wants to save as a style, or to change in one: reading and judging it, for the API and for pages. */
#include "catalog/catalog.h"
#include "styles/own_style.h"
#include "json/json_in.h"

struct moderation;
struct moderation_verdict;

/* All zero before it is filled. */
struct own_style_wish {
    char title[4 * OWN_STYLE_TITLE_MAX + 1], prompt[4 * STYLE_PROMPT_MAX + 1], preset[24];
    struct own_style_tags tags;
    struct uuid image_id; /* of a picture whose prompt and preset stand for those that are absent; "": none */
    bool has_title, has_prompt, has_preset, has_tags;
};

/* For json_decode and its like; what is absent is judged by own_style_wish_check. */
extern const struct json_field OWN_STYLE_WISH_FIELDS[];   /* of a new one */
extern const struct json_field OWN_STYLE_CHANGE_FIELDS[]; /* of changes in one: without image_id */
/* Tags as people type them: "sea, sunset"; what is blank or doubled is passed over. */
void own_style_wish_read_tags(const char *typed, struct own_style_tags *ret, const char *field, struct faults *faults);

/* What fields cannot see: blank texts, control characters, a preset that there is not; of a new one that it has a
   title, and a prompt or a picture to take it from; of a change that there is one. */
void own_style_wish_check_new(const struct own_style_wish *wish, const struct catalog *catalog, struct faults *faults);
void own_style_wish_check_change(const struct own_style_wish *wish, const struct catalog *catalog,
                                 struct faults *faults);
/* False: the verdict is about the field that is returned in *ret_field ("title", "prompt", "tags"). */
bool own_style_wish_passes(const struct own_style_wish *wish, const struct moderation *moderation,
                           struct moderation_verdict *ret, const char **ret_field);
