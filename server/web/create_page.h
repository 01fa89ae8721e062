#pragma once
/* /create: a wish for pictures. */
#include "web/page.h"

extern const struct page create_page;

/* GET; ?image=ID, ?generation=ID, ?avatar=ID, ?preset=NAME, ?size=SIZE, ?example=N, ?prompt=TEXT fill the form. */
struct next create_page_show(struct call *call);
struct next create_page_send(struct call *call); /* POST */
