#pragma once

/* The standard reason phrase (RFC 9110, 6585). */
const char *status_reason(int status);
