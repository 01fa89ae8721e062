/* Texts against the shipped words: whatever they are, they are judged in bounded time, the same way each time, and what
   is blamed is a part of them. */
#include "moderation/moderation.h"

#include <stdlib.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { LEN_MAX = 4000, CPU_MAX_MS = 1000 /* with sanitizers; some milliseconds without */ };

static void must(bool ok)
{
    if (!ok)
        abort();
}

static const struct moderation *shared(void)
{
    static struct moderation *moderation;
    const char *root = getenv("AISHA_ROOT");
    struct err err;

    if (!moderation)
        moderation = moderation_open(root ? root : ".", &err);
    must(moderation);
    return moderation;
}

static long cpu_ms(void)
{
    struct timespec now;

    must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static void check_verdict(struct text text, const struct moderation_verdict *verdict)
{
    struct faults faults = {0};

    must(verdict->category && verdict->title_ru && verdict->title_en);
    must(verdict->found.len > 0 && verdict->found.at >= text.at &&
         verdict->found.at + verdict->found.len <= text.at + text.len && text_is_utf8(verdict->found));
    must(!moderation_fault(verdict, LANG_RU, "prompt", &faults) && faults.count == 1);
    must(text_is_utf8(text_of(faults.items[0].what)) && faults.items[0].what[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text text = {(const char *)bytes, len > LEN_MAX ? LEN_MAX : len};
    struct moderation_verdict verdict, again;
    long began = cpu_ms();
    bool passes;

    if (!text_is_utf8(text))
        return 0;
    passes = moderation_passes(shared(), text, &verdict);
    must(cpu_ms() - began < CPU_MAX_MS);
    must(moderation_passes(shared(), text, &again) == passes);
    must(again.category == verdict.category && again.found.at == verdict.found.at);
    if (!passes)
        check_verdict(text, &verdict);
    return 0;
}
