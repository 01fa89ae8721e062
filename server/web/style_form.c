#include "web/style_form.h"

#include <stdio.h>
#include <string.h>

#include "http/body.h"
#include "http/query_string.h"
#include "web/create_form.h"
#include "web/form.h"
#include "web/page.h"

enum { OWN_FIELDS = 5, FIELDS_MAX = OWN_FIELDS + STYLE_CHOICES_MAX + 1 };

/* The fields that the form of this style has: first its own, then the style's choices. */
static const struct query_field *fields_of(struct call *call, const struct style *style)
{
    static const struct query_field OWN[OWN_FIELDS] = {
        QUERY_FIELD(QUERY_UUID, struct style_form, avatar),
        QUERY_FIELD(QUERY_TEXT, struct style_form, preset, .max = 39),
        QUERY_FIELD(QUERY_INT64, struct style_form, num_images, .min = 1, .max = CREATE_IMAGES_MAX),
        QUERY_FIELD(QUERY_TEXT, struct style_form, key, .max = IDEMPOTENCY_KEY_MAX),
        PAGE_FIELDS(struct style_form),
    };
    struct query_field *fields = call_alloc(call, FIELDS_MAX * sizeof *fields);

    memset(fields, 0, FIELDS_MAX * sizeof *fields);
    memcpy(fields, OWN, sizeof OWN);
    for (int i = 0; style && i < style->choices.count; i++) {
        char name[STYLE_NAME_ROOM + 8];
        (void)snprintf(name, sizeof name, "choice_%s", style->choices.at[i].name);
        fields[OWN_FIELDS + i] = (struct query_field){.name = call_text(call, text_of(name)),
                                                      .type = QUERY_TEXT,
                                                      .offset = offsetof(struct style_form, chosen) +
                                                                (size_t)i * sizeof(((struct style_form *)0)->chosen[0]),
                                                      .size = sizeof(((struct style_form *)0)->chosen[0]),
                                                      .max = STYLE_NAME_ROOM - 1};
    }
    return fields;
}

bool style_form_query(struct call *call, const struct style *style, struct style_form *ret, struct next *refused)
{
    memset(ret, 0, sizeof *ret);
    ret->num_images = 1;
    return body_query(call, fields_of(call, style), ret, refused);
}

bool style_form_read(struct call *call, const struct style *style, struct style_form *ret, struct faults *faults,
                     struct next *refused)
{
    memset(ret, 0, sizeof *ret);
    ret->num_images = 1;
    return form_read(call, fields_of(call, style), ret, faults, refused);
}

struct style_chosen style_form_chosen(const struct style *style, const struct style_form *form)
{
    struct style_chosen chosen = {0};

    for (int i = 0; style && i < style->choices.count; i++)
        if (*form->chosen[i]) {
            struct style_chosen_item *item = &chosen.at[chosen.count++];
            (void)snprintf(item->name, sizeof item->name, "%s", style->choices.at[i].name);
            (void)snprintf(item->value, sizeof item->value, "%s", form->chosen[i]);
        }
    return chosen;
}

static void add(struct buf *link, const char *name, const char *value)
{
    char encoded[160];

    if (*value && text_percent_encode(text_of(value), encoded, sizeof encoded))
        (void)buf_add_format(link, "%c%s=%s", memchr(link->bytes, '?', link->len) ? '&' : '?', name, encoded);
}

void style_form_link(const char *id, const struct style *style, const struct style_form *form,
                     char to[STYLE_FORM_LINK_ROOM])
{
    CLEANUP(buf_done) struct buf link = buf_make(STYLE_FORM_LINK_ROOM - 1);
    char name[STYLE_NAME_ROOM + 8], count[8] = "";

    (void)buf_add_format(&link, "/styles/%s", id);
    add(&link, "avatar", form->avatar.text);
    add(&link, "preset", form->preset);
    if (form->num_images > 1)
        (void)snprintf(count, sizeof count, "%d", (int)form->num_images);
    add(&link, "num_images", count);
    for (int i = 0; style && i < style->choices.count; i++) {
        (void)snprintf(name, sizeof name, "choice_%s", style->choices.at[i].name);
        add(&link, name, form->chosen[i]);
    }
    (void)snprintf(to, STYLE_FORM_LINK_ROOM, "%s", link.bytes);
}
