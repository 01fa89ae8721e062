#pragma once
#include "http/call.h"

struct next style_api_list(struct call *call);        /* GET /api/v1/templates */
struct next style_api_categories(struct call *call);  /* GET /api/v1/templates/categories */
struct next style_api_popular(struct call *call);     /* GET /api/v1/templates/popular */
struct next style_api_recommended(struct call *call); /* GET /api/v1/templates/recommended */
struct next style_api_favorites(struct call *call);   /* GET /api/v1/templates/favorites */
struct next style_api_show(struct call *call);        /* GET /api/v1/templates/{id} */
