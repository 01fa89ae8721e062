#pragma once
/* The bundle of static files. An address with today's version may be kept for ever. One with another version belongs to
   a page that the program before or after this one has made, while one takes the other's place: it gets today's file,
   so that the page does not lose its looks, but nobody keeps it, since under that address another file is the right
   one. */
#include "http/call.h"

struct next static_show(struct call *call);          /* GET /static/{version}/{*} */
struct next static_show_favicon(struct call *call);  /* GET /favicon.ico */
struct next static_show_robots(struct call *call);   /* GET /robots.txt */
struct next static_show_contract(struct call *call); /* GET /openapi.yaml */
