#pragma once
#include "http/call.h"

struct next docs_home(struct call *call);     /* GET / */
struct next docs_contract(struct call *call); /* GET /openapi.yaml */
struct next docs_page(struct call *call);     /* GET /docs */
struct next docs_asset(struct call *call);    /* GET /docs/{file} */
