#pragma once
/* /auth/link/{token}: the page of a sign-in link, and signing in with it. Public: the link is the credential. */
#include "web/page.h"

extern const struct page link_page, link_gone_page;

struct next link_page_show(struct call *call); /* GET: never uses the link up, programs that preview links fetch it */
struct next link_page_use(struct call *call);  /* POST */
