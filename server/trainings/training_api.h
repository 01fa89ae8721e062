#pragma once
#include "http/call.h"

struct next training_show(struct call *call);
struct next training_start(struct call *call);
struct next training_cancel_asked(struct call *call);
