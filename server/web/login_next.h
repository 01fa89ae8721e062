#pragma once
/* Where somebody wanted to go who had to sign in first: kept in a cookie from the sign-in page until the sign-in link
   is opened in the same browser. */
#include "http/call.h"
#include "users/next_path.h"

/* ?next= of the sign-in page. False: none, or not a path of this site; to is then "". */
bool login_next_read(const struct call *call, char to[NEXT_PATH_MAX + 1]);
void login_next_keep(struct call *call, const char *path);
/* After signing in: to the place that the link names, or else the one that was kept, or else the pictures. */
struct next login_next_go(struct call *call, const char *of_link);
