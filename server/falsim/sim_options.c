#include "falsim/sim_options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "falsim/sim_lora.h"

static const char HELP[] = "aisha-falsim: fal.ai's queue, storage and webhooks on this machine\n"
                           "  --listen HOST:PORT      127.0.0.1:8100 (port 0: a free one)\n"
                           "  --public-url URL        how clients reach it (http://HOST:PORT)\n"
                           "  --generation-ms N       how long a picture takes (2000)\n"
                           "  --training-ms N         how long a training takes (30000)\n"
                           "  --concurrency N         requests that run at the same time (0: any number)\n"
                           "  --seed N                makes chance and keys the same in every run (0: different)\n"
                           "  --state FILE            remember requests, keys and files over restarts\n"
                           "  --faults FILE|none      faults to begin with, as JSON (none)\n"
                           "  --key ID:SECRET         the only key that is good (any of that form)\n"
                           "  --webhook-first-ms N    pause before a webhook's first repetition (1000)\n"
                           "  --result-ttl-s N        how long a result is kept (3600; 0: for ever)\n"
                           "  --large-result-ttl-s N  how long one of 10 KiB and more is (360; 0: for ever)\n"
                           "  --file-ttl-s N          how long a file is (604800; 0: for ever)\n"
                           "  --lora-mib N            size of trained weights (2; at most 1024)\n"
                           "  --check-loras           fetch the weights that a picture's input names, or refuse it\n"
                           "  --pro-trainer           flux-pro-trainer, which the service no longer supports, trains\n"
                           "  --plain-pictures        draw pictures of one colour: ten times as quick\n"
                           "  --lenient-paths         answer status and result under the whole endpoint id, too\n";

enum kind { TEXT_OPTION, NUMBER_OPTION, SEED_OPTION, FLAG_OPTION };

static const struct {
    const char *name;
    enum kind kind;
    size_t offset;
} OPTIONS[] = {
    {"--listen", TEXT_OPTION, offsetof(struct sim_config, listen)},
    {"--public-url", TEXT_OPTION, offsetof(struct sim_config, public_url)},
    {"--generation-ms", NUMBER_OPTION, offsetof(struct sim_config, generation_ms)},
    {"--training-ms", NUMBER_OPTION, offsetof(struct sim_config, training_ms)},
    {"--concurrency", NUMBER_OPTION, offsetof(struct sim_config, concurrency)},
    {"--webhook-first-ms", NUMBER_OPTION, offsetof(struct sim_config, webhook_first_ms)},
    {"--result-ttl-s", NUMBER_OPTION, offsetof(struct sim_config, result_ttl_s)},
    {"--large-result-ttl-s", NUMBER_OPTION, offsetof(struct sim_config, large_result_ttl_s)},
    {"--file-ttl-s", NUMBER_OPTION, offsetof(struct sim_config, file_ttl_s)},
    {"--seed", SEED_OPTION, offsetof(struct sim_config, seed)},
    {"--state", TEXT_OPTION, offsetof(struct sim_config, state)},
    {"--faults", TEXT_OPTION, offsetof(struct sim_config, faults)},
    {"--key", TEXT_OPTION, offsetof(struct sim_config, key)},
    {"--lora-mib", NUMBER_OPTION, offsetof(struct sim_config, lora_mib)},
    {"--check-loras", FLAG_OPTION, offsetof(struct sim_config, check_loras)},
    {"--pro-trainer", FLAG_OPTION, offsetof(struct sim_config, pro_trainer)},
    {"--plain-pictures", FLAG_OPTION, offsetof(struct sim_config, plain_pictures)},
    {"--lenient-paths", FLAG_OPTION, offsetof(struct sim_config, lenient_paths)},
};
enum { OPTION_COUNT = sizeof OPTIONS / sizeof *OPTIONS };

static bool wrong(const char *what, const char *word)
{
    (void)fprintf(stderr, "aisha-falsim: %s %s (--help shows all options)\n", what, word);
    return false;
}

static bool set(const char *name, enum kind kind, void *at, const char *value)
{
    int64_t number;

    if (kind == TEXT_OPTION) {
        *(const char **)at = value;
        return true;
    }
    if (!text_int64(text_of(value), 0, INT64_MAX, &number) || (kind == NUMBER_OPTION && number > 86400000))
        return wrong("no good number for", name);
    if (kind == SEED_OPTION)
        *(uint64_t *)at = (uint64_t)number;
    else
        *(int64_t *)at = number;
    return true;
}

static bool read_option(int count, char **words, int *i, struct sim_config *ret)
{
    const char *name = words[*i];

    for (int o = 0; o < OPTION_COUNT; o++) {
        char *at = (char *)ret + OPTIONS[o].offset;
        if (strcmp(OPTIONS[o].name, name) != 0)
            continue;
        if (OPTIONS[o].kind == FLAG_OPTION)
            return *(bool *)at = true;
        if (++*i == count)
            return wrong("a value is missing behind", name);
        return set(name, OPTIONS[o].kind, at, words[*i]);
    }
    return wrong("unknown option", name);
}

bool sim_options_read(int count, char **words, struct sim_config *ret, bool *rethelp)
{
    *ret = (struct sim_config){.listen = "127.0.0.1:8100",
                               .generation_ms = 2000,
                               .training_ms = 30000,
                               .webhook_first_ms = 1000,
                               .result_ttl_s = 3600,
                               .large_result_ttl_s = 360,
                               .file_ttl_s = 7 * 24 * 3600,
                               .lora_mib = 2};
    *rethelp = false;
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--help") == 0) {
            (void)fputs(HELP, stdout);
            *rethelp = true;
            return true;
        }
        if (!read_option(count, words, &i, ret))
            return false;
    }
    if (ret->lora_mib > SIM_LORA_MAX_MIB)
        return wrong("too large a number for", "--lora-mib");
    if (ret->faults && strcmp(ret->faults, "none") == 0)
        ret->faults = NULL;
    return true;
}
