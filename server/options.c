#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

bool options_read(int argc, char **argv, struct options *ret)
{
    static const struct option LONG[] = {
        {"user", required_argument, NULL, 'u'},
        {"name", required_argument, NULL, 'n'},
        {"locale", required_argument, NULL, 'l'},
        {"time-zone", required_argument, NULL, 'z'},
        {"scopes", required_argument, NULL, 's'},
        {"token", required_argument, NULL, 't'},
        {"next", required_argument, NULL, 'x'},
        {"credits", required_argument, NULL, 'c'},
        {"reason", required_argument, NULL, 'r'},
        {"limit", required_argument, NULL, 'm'},
        {"state", required_argument, NULL, 'e'},
        {"replacement", required_argument, NULL, 'p'},
        {"note", required_argument, NULL, 'o'},
        {"admin", no_argument, NULL, 'a'},
        {0},
    };
    int which;

    while ((which = getopt_long(argc, argv, "", LONG, NULL)) != -1)
        switch (which) {
        case 'u': ret->user = optarg; break;
        case 'n': ret->name = optarg; break;
        case 'l': ret->locale = optarg; break;
        case 'z': ret->time_zone = optarg; break;
        case 's': ret->scopes = optarg; break;
        case 't': ret->token = optarg; break;
        case 'x': ret->next = optarg; break;
        case 'c': ret->credits = optarg; break;
        case 'r': ret->reason = optarg; break;
        case 'm': ret->limit = optarg; break;
        case 'e': ret->state = optarg; break;
        case 'p': ret->replacement = optarg; break;
        case 'o': ret->note = optarg; break;
        case 'a': ret->admin = true; break;
        default: return false; /* getopt_long has said what is wrong */
        }
    ret->operand = optind < argc ? argv[optind] : NULL;
    return true;
}

bool options_create(const char *what, int argc, char **argv, const char *usage)
{
    if (argc > 0 && strcmp(argv[0], "create") == 0)
        return true;
    (void)fprintf(stderr, "usage: aisha %s create %s\n", what, usage);
    return false;
}

bool options_user(const char *what, struct options *options)
{
    if (options->user && uuid_read(text_of(options->user), &options->user_id))
        return true;
    (void)fprintf(stderr, "aisha %s create: --user must be the id of a user\n", what);
    return false;
}
