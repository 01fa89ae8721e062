#pragma once
/* /avatars/{id}: an avatar on its way from photos over a training to pictures; the same page once more with what came
   of one of its forms. */
#include "base/faults.h"
#include "photos/photo_receive.h"
#include "trainings/training_create.h"
#include "view/value.h"
#include "web/page.h"

extern const struct page avatar_page;

/* What became of a photo that was sent. */
struct photo_verdict_view {
    const char *file_name; /* "": none */
    const char *text;      /* why, or that it is good */
    bool is_valid, is_warning, is_rejected;
};

/* call->state of every step below /avatars/{id}. */
struct avatar_state {
    union avatar_flow { /* first: the ways of these forms look for themselves there */
        struct training_create train;
        struct photo_receive receive;
    } flow;
    struct uuid id;
    int status;          /* of the answer */
    const char *trouble; /* why a form did nothing: a code of base/messages.h; NULL: nothing of the kind */
    const char *preset;  /* of a training that was not begun; NULL: none */
    bool was_renamed;    /* faults are those of the form with the new name */
    bool is_learn_open;  /* photos and training are unfolded, also where they are not what comes next */
    struct faults faults;
    struct view_items verdicts;                /* of struct photo_verdict_view */
    const PGresult *shown, *photos, *training; /* loaded on the way to the page */
};

struct next avatar_page_show(struct call *call); /* GET /avatars/{id} */
/* Loads the avatar, and answers with the page and the status; 404 when there is none. */
struct next avatar_page_again(struct call *call, int status);
/* The same with a reason: what the form asked for was not done. */
struct next avatar_page_refuse(struct call *call, int status, const char *trouble);
/* The same for an error, whose code it takes over; one that says nothing about the avatar has an answer of its own. */
struct next avatar_page_refuse_err(struct call *call, const struct err *err);
/* First thing in the steps of its forms: no query, and {id} into a new state. False: answered. */
bool avatar_page_begin(struct call *call, struct avatar_state **ret, struct next *refused);
/* 303 to the page, which says what has been done ("avatar_renamed"); NULL: it shows it. */
struct next avatar_page_go(struct call *call, const char *done);
