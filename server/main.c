#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/text.h"
#include "commands.h"
#include "decoder/decoder.h"
#include "http/await_work.h"

enum { FILE_THREADS = 16 };

static const char USAGE[] =
    "usage: aisha COMMAND\n"
    "  serve [--roles http,work]   the service\n"
    "  migrate                     brings the database's schema up to date, and makes S3's buckets\n"
    "  check                       configuration and dependencies, in words\n"
    "  user create --name NAME [--locale ru|en] [--time-zone ZONE] [--admin]\n"
    "  token create --user ID --name NAME --scopes read,write,generate\n"
    "  link create --user ID [--next PATH]\n"
    "  admin credit --user ID --credits N [--reason TEXT]   more credits for a user\n"
    "  admin endpoint [ID [--state active|deprecated|gone] [--replacement ID|none] [--note TEXT|none]]\n"
    "                                             fal.ai's endpoints, and switching one while servers run\n"
    "  jobs dead [--limit N]       jobs that were given up, and why\n"
    "  jobs retry ID|all           they run once more\n"
    "  jobs discard ID             they are forgotten\n"
    "  demo [--token TOKEN]        a user with two avatars to try things with\n"
    "  decoder MODELS              decodes pictures; started by serve, never by hand\n"
    "The configuration is in environment variables and a .env file: see README.md.\n";

static int usage(void)
{
    (void)fputs(USAGE, stderr);
    return 2;
}

static bool read_roles(int argc, char **argv, struct app_roles *ret)
{
    struct text rest;

    *ret = (struct app_roles){true, true};
    if (argc == 0)
        return true;
    if (argc != 2 || strcmp(argv[0], "--roles") != 0)
        return false;
    *ret = (struct app_roles){false, false};
    rest = text_of(argv[1]);
    while (rest.at) {
        struct text role = text_cut(&rest, ',');
        if (text_equal(role, TEXT("http")))
            ret->http = true;
        else if (text_equal(role, TEXT("work")))
            ret->work = true;
        else
            return false;
    }
    return true;
}

/* One for each piece of await_work, and some for files: they mostly wait, for decoders and the storage, and nobody's
   work waits because somebody else's has all of them. Unless another number was said. */
static void set_threads(void)
{
    char threads[12];

    (void)snprintf(threads, sizeof threads, "%d", WORK_MAX + FILE_THREADS);
    (void)setenv("UV_THREADPOOL_SIZE", threads, 0);
}

static int serve(const struct config *config, int argc, char **argv, const char *program)
{
    struct app_roles roles;
    struct err err = {0};

    if (!read_roles(argc, argv, &roles))
        return usage();
    /* Replies of tens of KB come and go: keep the memory instead of giving it back to the kernel each time. */
    (void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
    (void)mallopt(M_TOP_PAD, 1 << 20);
    set_threads();
    if (app_serve(config, roles, program, &err))
        return 0;
    (void)fprintf(stderr, "aisha serve: %s\n", err.detail);
    return 1;
}

static int run(const struct config *config, int argc, char **argv)
{
    const char *command = argv[1];

    if (strcmp(command, "serve") == 0)
        return serve(config, argc - 2, argv + 2, argv[0]);
    if (strcmp(command, "migrate") == 0)
        return command_migrate(config);
    if (strcmp(command, "check") == 0)
        return command_check(config, argv[0]);
    if (strcmp(command, "user") == 0)
        return command_user(config, argc - 2, argv + 2);
    if (strcmp(command, "token") == 0)
        return command_token(config, argc - 2, argv + 2);
    if (strcmp(command, "link") == 0)
        return command_link(config, argc - 2, argv + 2);
    if (strcmp(command, "admin") == 0)
        return command_admin(config, argc - 2, argv + 2);
    if (strcmp(command, "jobs") == 0)
        return command_jobs(config, argc - 2, argv + 2);
    if (strcmp(command, "demo") == 0)
        return command_demo(config, argc - 1, argv + 1);
    return usage();
}

int main(int argc, char **argv)
{
    CLEANUP(buf_done) struct buf problems = buf_make(64 * 1024);
    static struct config config; /* its texts live as long as the process */

    if (argc < 2)
        return usage();
    if (strcmp(argv[1], "decoder") == 0) /* knows nothing of the configuration */
        return argc == 3 ? decoder_main(argv[0], argv[2]) : usage();
    if (!config_load(&config, &problems)) {
        (void)fprintf(stderr, "aisha: the configuration needs care:\n%s", problems.bytes);
        return 1;
    }
    log_set_level(config.log_level);
    return run(&config, argc, argv);
}
