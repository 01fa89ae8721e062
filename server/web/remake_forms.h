#pragma once
/* Buttons that make something of a picture, or of a generation: one click, and the page of what runs then. */
#include "http/call.h"

struct next remake_forms_vary(struct call *call);   /* POST /images/{id}/variation */
struct next remake_forms_repeat(struct call *call); /* POST /images/{id}/repeat */
struct next remake_forms_more(struct call *call);   /* POST /images/{id}/again: one more like it */
struct next remake_forms_again(struct call *call);  /* POST /generations/{id}/again */
