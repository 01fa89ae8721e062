#pragma once
/* A redis-server of its own for a test: on a socket in a temporary folder, it keeps nothing on disk. */
#include <sys/types.h>

struct redis_server {
    char folder[64], url[160];
    pid_t pid; /* 0: does not run */
};

/* arguments: "--requirepass", "x", …, NULL; NULL: none. Runs when it returns. */
void redis_server_start(struct redis_server *server, const char *const *arguments);
void redis_server_again(struct redis_server *server); /* after a kill, at the same place, without the arguments */
void redis_server_signal(struct redis_server *server, int signal);
void redis_server_kill(struct redis_server *server);
void redis_server_end(struct redis_server *server); /* also of one that was killed */
