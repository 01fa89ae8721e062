#pragma once
/* What the page of a style shows: preview and words, the prompt as it will be for the avatar, the form. */
#include "web/create_trouble.h"
#include "web/style_card.h"
#include "web/style_form.h"

/* One of both. */
struct style_subject {
    const struct style *shipped;
    const struct own_style *own;
};

/* For templates/styles/show.mustache. Everything it points to lives as long as the call. */
struct style_view;
extern const struct view_type style_view_type;

const struct style_view *style_view_make(struct call *call, const struct style_subject *subject,
                                         const struct style_reads *reads, const struct style_form *form,
                                         const struct create_trouble *trouble);
