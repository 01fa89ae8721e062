#pragma once
/* What the forms of an avatar's page send: the same rules as PATCH and DELETE. */
#include "http/call.h"

struct next avatar_forms_rename(struct call *call); /* POST /avatars/{id}/rename */
struct next avatar_forms_main(struct call *call);   /* POST /avatars/{id}/main */
struct next avatar_forms_delete(struct call *call); /* POST /avatars/{id}/delete */
