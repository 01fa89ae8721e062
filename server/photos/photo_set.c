#include "photos/photo_set.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Of sets that train well: shares of the set, and what makes a photo count for them. */
static const double CLOSE_FACE = 0.35, FAR_FACE = 0.2; /* height of the face to that of the picture */
static const double DARK = 70, BRIGHT = 190;           /* mean of the luma */
enum { ENOUGH_TO_JUDGE = 5 };                          /* fewer say nothing about light and distance */

/* Each photo joins the first group whose first photo it looks like. */
static int count_different(const struct photo *photos, int count)
{
    const struct photo *first[PHOTOS_MOST];
    int groups = 0;

    for (int i = 0; i < count && groups < PHOTOS_MOST; i++) {
        int g = 0;
        while (g < groups && photo_distance(photos[i].look, first[g]->look) > PHOTO_SET_ALIKE)
            g++;
        if (g == groups)
            first[groups++] = &photos[i];
    }
    return groups;
}

static void count_kinds(struct photo_set *set, const struct photo *photos, int count)
{
    for (int i = 0; i < count; i++) {
        const struct photo *p = &photos[i];
        set->several += p->face_count > 1;
        set->close += p->face_count > 0 && p->face_share >= CLOSE_FACE;
        set->far += p->face_count > 0 && p->face_share < FAR_FACE;
        set->dark += p->brightness < DARK;
        set->bright += p->brightness > BRIGHT;
        set->soft += strcmp(p->code, "blurry") == 0;
    }
}

static void advise(struct photo_set *set, bool when, const char *code)
{
    if (!when)
        return;
    assert(set->advice_count < PHOTO_SET_ADVICE_MAX);
    set->advice[set->advice_count++] = code;
}

static void advise_all(struct photo_set *set)
{
    bool judged = set->usable >= ENOUGH_TO_JUDGE;

    advise(set, set->missing > 0, "add_more");
    advise(set, set->portrait && set->several > 0, "several_faces");
    advise(set, set->usable > 1 && set->different * 10 < set->usable * 7, "more_variety");
    advise(set, judged && set->portrait && set->close * 5 < set->usable, "add_close");
    advise(set, judged && set->portrait && set->far * 10 < set->usable, "add_far");
    advise(set, judged && set->dark * 3 > set->usable, "more_light");
    advise(set, judged && set->bright * 3 > set->usable, "less_light");
    advise(set, judged && set->soft * 4 > set->usable, "soft");
    advise(set, set->advice_count == 0, "good");
}

struct photo_set photo_set_judge(const struct photo *photos, int count, bool portrait, int min, int max)
{
    struct photo_set set = {.usable = count, .min = min, .max = max, .portrait = portrait};

    set.missing = count < min ? min - count : 0;
    set.different = count_different(photos, count);
    count_kinds(&set, photos, count);
    advise_all(&set);
    return set;
}

/* What fills the {min} of the sentence. */
static int figure_of(const struct photo_set *set, const char *advice)
{
    const struct {
        const char *advice;
        int figure;
    } FIGURES[] = {{"add_more", set->usable}, {"several_faces", set->several}, {"more_variety", set->different},
                   {"more_light", set->dark}, {"less_light", set->bright},     {"soft", set->soft}};

    for (size_t i = 0; i < sizeof FIGURES / sizeof *FIGURES; i++)
        if (strcmp(FIGURES[i].advice, advice) == 0)
            return FIGURES[i].figure;
    return 0;
}

void photo_set_message(const struct photo_set *set, const char *advice, enum lang lang, struct buf *out)
{
    struct fault fault = {.min = figure_of(set, advice), .max = set->min};
    bool own = !set->portrait && strcmp(advice, "more_variety") == 0;

    (void)snprintf(fault.code, sizeof fault.code, "set_%s%s", advice, own ? "_style" : "");
    message_fault(&fault, lang, out);
}

void photo_set_write(struct json_out *out, const struct photo_set *set, enum lang lang)
{
    CLEANUP(buf_done) struct buf message = buf_make(2048);

    json_object(out);
    json_key_int64(out, "usable", set->usable);
    json_key_int64(out, "min", set->min);
    json_key_int64(out, "max", set->max);
    json_key_int64(out, "missing", set->missing);
    json_key_bool(out, "ready", set->missing == 0);
    json_key_int64(out, "different", set->different);
    json_key(out, "advice");
    json_array(out);
    for (int i = 0; i < set->advice_count; i++) {
        buf_clear(&message);
        photo_set_message(set, set->advice[i], lang, &message);
        json_object(out);
        json_key_text(out, "code", set->advice[i]);
        json_key(out, "message");
        json_text(out, (struct text){message.bytes, message.len});
        json_end_object(out);
    }
    json_end_array(out);
    json_end_object(out);
}
