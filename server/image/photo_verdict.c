#include "image/photo.h"

#include <math.h>

#define SHARP_REFUSED 1.3F
#define SHARP_WARNED 1.8F
#define SHARP_BEST 2.6F
#define DARK_REFUSED 25
#define DARK_WARNED 50
#define BRIGHT_REFUSED 230
#define BRIGHT_WARNED 205
#define CLIPPED_REFUSED 0.5F
#define CLIPPED_WARNED 0.25F

static float share(float value, float worst, float best)
{
    return fminf(fmaxf((value - worst) / (best - worst), 0), 1);
}

float photo_quality(const struct photo_facts *facts)
{
    int side = facts->width < facts->height ? facts->width : facts->height;
    float sharp = share(facts->sharpness, SHARP_REFUSED, SHARP_BEST);
    float light = fminf(share(facts->brightness, DARK_REFUSED, 2 * DARK_WARNED),
                        share(facts->brightness, BRIGHT_REFUSED, BRIGHT_WARNED - DARK_REFUSED));
    float whole = share(facts->clipped, CLIPPED_REFUSED, 0);
    float large = 0.5F + share((float)side, PHOTO_MIN_SIDE, 2 * PHOTO_MIN_SIDE) / 2;

    /* What is out of focus, or all dark, is of no use however large it is: the factors multiply. */
    return (0.4F + 0.6F * sharp) * (0.4F + 0.6F * light) * (0.6F + 0.4F * whole) * large;
}

static const char *refusal(const struct photo_facts *facts, bool portrait)
{
    if (portrait && facts->face_count == 0)
        return "no_face";
    if (facts->brightness < DARK_REFUSED)
        return "too_dark";
    if (facts->brightness > BRIGHT_REFUSED || facts->clipped > CLIPPED_REFUSED)
        return "too_bright";
    return facts->sharpness < SHARP_REFUSED ? "blurry" : NULL;
}

static const char *warning(const struct photo_facts *facts, bool portrait)
{
    if (portrait && facts->face_count > 1)
        return "several_faces";
    if (facts->brightness < DARK_WARNED)
        return "too_dark";
    if (facts->brightness > BRIGHT_WARNED || facts->clipped > CLIPPED_WARNED)
        return "too_bright";
    return facts->sharpness < SHARP_WARNED ? "blurry" : NULL;
}

const char *photo_fault(const struct photo_facts *facts, bool portrait, bool *ret_refused)
{
    const char *fault = refusal(facts, portrait);

    *ret_refused = fault;
    return fault ? fault : warning(facts, portrait);
}

int photo_distance(uint64_t a, uint64_t b) { return __builtin_popcountll(a ^ b); }
