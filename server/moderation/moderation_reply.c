#include "moderation/moderation_reply.h"

#include "http/reply.h"

struct next reply_moderated(struct call *call, const char *field, const struct moderation_verdict *verdict)
{
    struct faults faults = {0};

    (void)moderation_fault(verdict, call->lang, field, &faults);
    return reply_blocked(call, "moderation_blocked", verdict->category, &faults);
}
