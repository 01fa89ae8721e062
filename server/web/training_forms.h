#pragma once
#include "http/call.h"

struct next training_forms_begin(struct call *call);  /* POST /avatars/{id}/train */
struct next training_forms_cancel(struct call *call); /* POST /avatars/{id}/train/cancel */
