#pragma once
#include "http/call.h"

struct next metrics_show(struct call *call); /* GET /metrics, Prometheus text */
