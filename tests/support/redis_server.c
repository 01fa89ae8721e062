#include "support/redis_server.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 24, TRIES = 500 };

static void rest(void)
{
    const struct timespec ms10 = {.tv_nsec = 10 * 1000 * 1000};

    (void)nanosleep(&ms10, NULL);
}

static bool answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool ok;

    assert(fd >= 0 && strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    ok = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    (void)close(fd);
    return ok;
}

static void run(struct redis_server *server, const char *path, const char *const *arguments)
{
    const char *argv[MAX_ARGUMENTS] = {"redis-server", "--port", "0",     "--unixsocket", path, "--save", "",
                                       "--appendonly", "no",     "--dir", server->folder};
    int count = 11;

    for (int i = 0; arguments && arguments[i]; i++) {
        assert(count < MAX_ARGUMENTS - 1);
        argv[count++] = arguments[i];
    }
    server->pid = fork();
    assert(server->pid >= 0);
    if (server->pid > 0)
        return;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(open("/dev/null", O_WRONLY), 1);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void start(struct redis_server *server, const char *const *arguments)
{
    char path[96];

    (void)snprintf(path, sizeof path, "%s/redis", server->folder);
    (void)snprintf(server->url, sizeof server->url, "unix:%s", path);
    (void)unlink(path);
    run(server, path, arguments);
    for (int i = 0; !answers(path); i++) {
        assert(i < TRIES && "redis-server does not start");
        rest();
    }
}

void redis_server_start(struct redis_server *server, const char *const *arguments)
{
    (void)snprintf(server->folder, sizeof server->folder, "/tmp/aisha-redis-XXXXXX");
    if (!mkdtemp(server->folder))
        abort();
    start(server, arguments);
}

void redis_server_again(struct redis_server *server) { start(server, NULL); }

void redis_server_signal(struct redis_server *server, int signal) { (void)kill(server->pid, signal); }

void redis_server_kill(struct redis_server *server)
{
    if (!server->pid)
        return;
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void redis_server_end(struct redis_server *server)
{
    char path[96];

    redis_server_kill(server);
    (void)snprintf(path, sizeof path, "%s/redis", server->folder);
    (void)unlink(path);
    (void)rmdir(server->folder);
}
