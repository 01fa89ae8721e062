#include "fal/fal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fal/fal_call.h"

static bool keep_config(struct fal *fal, const struct fal_config *config, struct err *reterr)
{
    size_t room = sizeof fal->authorization;

    if (!text_copy(fal->queue_url, sizeof fal->queue_url, text_of(config->queue_url)) ||
        !text_copy(fal->rest_url, sizeof fal->rest_url, text_of(config->rest_url)) ||
        !text_copy(fal->platform_url, sizeof fal->platform_url, text_of(config->platform_url)) ||
        !origin_read(config->queue_url, &fal->queue))
        return err_set(reterr, ERR_INVALID, "fal_url", "a fal.ai URL is malformed or too long");
    if (!*config->key || strpbrk(config->key, "\r\n") ||
        (size_t)snprintf(fal->authorization, room, "Authorization: Key %s", config->key) >= room)
        return err_set(reterr, ERR_INVALID, "fal_key", "the fal.ai key is empty, too long or has a line break in it");
    return true;
}

struct fal *fal_open(const struct fal_config *config, struct err *reterr)
{
    struct fal *fal = calloc(1, sizeof *fal);

    if (!fal)
        abort();
    if (keep_config(fal, config, reterr))
        fal->fetch =
            fetch_open(&(struct fetch_config){.origins = {config->queue_url, config->rest_url, config->platform_url},
                                              .media_hosts = config->media_hosts,
                                              .loopback = config->loopback,
                                              .stop = config->stop},
                       reterr);
    if (fal->fetch)
        return fal;
    fal_close(fal);
    return NULL;
}

void fal_guard(struct fal *fal, bool (*may_send)(void *owner), void *owner)
{
    fal->may_send = may_send;
    fal->owner = owner;
}

void fal_close(struct fal *fal)
{
    if (!fal)
        return;
    fetch_close(fal->fetch);
    explicit_bzero(fal->authorization, sizeof fal->authorization);
    free(fal);
}

static void keep(char *to, size_t room, const char *text) { (void)text_copy(to, room, text_of(text ? text : "")); }

struct fal_ticket fal_ticket_of(const char *endpoint, const char *request_id, const char *status_url,
                                const char *response_url, const char *cancel_url)
{
    struct fal_ticket ticket = {0};

    keep(ticket.endpoint, sizeof ticket.endpoint, endpoint);
    keep(ticket.request_id, sizeof ticket.request_id, request_id);
    keep(ticket.status_url, sizeof ticket.status_url, status_url);
    keep(ticket.response_url, sizeof ticket.response_url, response_url);
    keep(ticket.cancel_url, sizeof ticket.cancel_url, cancel_url);
    return ticket;
}
