#pragma once
/* From a picture, or from a generation that failed, to a wish, and by the one way of wishes on: what a JSON body and a
   form on a page have in common. */
#include "generations/generation_create.h"

enum remake_kind { REMAKE_VARIATION, REMAKE_REPEAT, REMAKE_AGAIN, REMAKE_RETRY, REMAKE_GENERATION_AGAIN };

/* The first member of the call's state. */
struct remake {
    struct generation_create create;
    struct uuid id; /* of the picture, or the generation */
    enum remake_kind kind;
};

/* The state is filled but for kind. Its answers may be refused besides with what origin.h names, and ERR_NOT_FOUND. */
struct next remake_begin(struct call *call, enum remake_kind kind);
