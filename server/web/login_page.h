#pragma once
/* /auth/link/{token}: the page of a sign-in link, and signing in with it. Public: the link is the credential. */
#include "http/call.h"

struct next login_page_show(struct call *call); /* GET: never uses the link up, programs that preview links fetch it */
struct next login_page_use(struct call *call);  /* POST */
