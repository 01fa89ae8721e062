#pragma once
/* An HTML page: a template, the struct that it shows, and around both the frame that all pages share (head, navigation,
   the reader's language and theme, the token of forms). */
#include "http/call.h"
#include "view/value.h"

enum page_place { PLACE_NONE, PLACE_IMAGES, PLACE_CREATE, PLACE_AVATARS, PLACE_SETTINGS }; /* in the navigation */

/* One for each page, static: web/pages.c lists them, so that a template that is missing stops the start. */
struct page {
    const char *template; /* "gallery/index" */
    const struct view_type *type;
    enum page_place place;
};

/* Answers with the page in call->lang. data is of page->type and need live no longer than this call; a struct without
   members is allowed. Names of the frame are found behind those of data. */
struct next page_reply(struct call *call, int status, const struct page *page, const void *data);

/* What every page's query may carry besides its own: the code of what has just been done, which the page then says
   ("flash.deleted" of the catalogue; an unknown code is passed over). For structs with a member char
   done[PAGE_DONE_ROOM]. */
enum { PAGE_DONE_ROOM = 32 };
#define PAGE_FIELDS(struct_type) QUERY_FIELD(QUERY_TEXT, struct_type, done, .max = PAGE_DONE_ROOM - 1)

/* struct http_site's problem_page: errors for people; without a session, the way to sign in, unless a form
   would be lost. */
struct next page_problem(struct call *call, const struct problem *problem);

/* Text of the catalogue in the reader's language, for what C composes. */
const char *page_text(const struct call *call, const char *key);

/* The frame: for web/pages.c. */
extern const struct view_type page_frame_type;
