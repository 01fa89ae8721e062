#pragma once
/* What the page for several descriptions shows: the form with its choices, how many there are and what they cost. */
#include "db/rows.h"
#include "users/account.h"
#include "view/value.h"
#include "web/batch_form.h"
#include "web/create_trouble.h"

/* For templates/batch/create.mustache. Everything it points to lives as long as the call. */
struct batch_create_view;
extern const struct view_type batch_create_view_type;

/* avatars: rows for avatar_from_row, which must live as long as the view. */
const struct batch_create_view *batch_create_view_make(struct call *call, const struct batch_form *form,
                                                       const PGresult *avatars, const struct account *account,
                                                       const struct create_trouble *trouble);
