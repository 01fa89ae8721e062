#include "falsim/paint_mood.h"

#include "falsim/paint_words.h"

static const struct palette {
    enum mood_light light;
    unsigned high, low, glow, far, near, accent;
} PALETTES[] = {
    {LIGHT_DAY, 0x3c86cc, 0xd9eef5, 0xfff6d8, 0x86aebd, 0x2c5a4c, 0xf2a541},
    {LIGHT_DAY, 0x5aa0d8, 0xf4efd9, 0xfffbe8, 0x9bb7a4, 0x3a5f3c, 0xe4572e},
    {LIGHT_SUNSET, 0x2c1f57, 0xff9b62, 0xffe2ad, 0x8a4470, 0x1c1130, 0xff5e62},
    {LIGHT_SUNSET, 0x40305f, 0xf7c873, 0xfff0c4, 0x9c5a52, 0x2a1a24, 0xf25c3d},
    {LIGHT_SUNSET, 0x713a63, 0xffb07c, 0xffe9c9, 0xa65a6d, 0x2d1832, 0xffd166},
    {LIGHT_NIGHT, 0x060b1f, 0x27456f, 0xe9f0ff, 0x1c3154, 0x060a14, 0x78b7ff},
    {LIGHT_NIGHT, 0x0b0a24, 0x3c3a72, 0xf3ecff, 0x262552, 0x090818, 0xf2b5d4},
    {LIGHT_DAWN, 0x6577ad, 0xffd6c6, 0xfff2dc, 0xa08fb2, 0x3d3b5c, 0xf5a3b4},
    {LIGHT_DAWN, 0x7fb0b8, 0xfde6d2, 0xfffaf0, 0xa9bfb5, 0x3f5a5e, 0xf28f6b},
    {LIGHT_NEON, 0x0d0424, 0x5a1670, 0xff4fb0, 0x2a1152, 0x090412, 0x19e3ff},
    {LIGHT_NEON, 0x04101f, 0x0f4a5c, 0x4ff2e0, 0x10304a, 0x03080f, 0xff3d81},
    {LIGHT_WINTER, 0x7f9ab8, 0xeef4f8, 0xffffff, 0xb7c8d7, 0x566d83, 0x3f78bf},
    {LIGHT_WINTER, 0x54709a, 0xf6e3e0, 0xfffdf7, 0xa7b5cd, 0x3d4d6b, 0xc94f4f},
    {LIGHT_FOREST, 0x6f9480, 0xe9f0d0, 0xfff7d2, 0x5d8267, 0x14261b, 0xe0a94c},
    {LIGHT_FOREST, 0x2d5a5a, 0xb9d8b4, 0xf6ffe0, 0x3d6f62, 0x0d211f, 0x9fdc6c},
    {LIGHT_AUTUMN, 0x7d8aa0, 0xf8ddb0, 0xfff1cf, 0xb8793f, 0x3b1f17, 0xd9481c},
    {LIGHT_OLD, 0x46455a, 0xdcb68d, 0xffebc8, 0x72606a, 0x201a22, 0xa8322d},
    {LIGHT_OLD, 0x3a4a48, 0xc9b98c, 0xf8ecc4, 0x6a6f5c, 0x1d1f1a, 0x8c3a2b},
    {LIGHT_STUDIO, 0x2b3a4d, 0xaebbc7, 0xf7f4ee, 0x56677a, 0x1a222d, 0x3d7ea6},
    {LIGHT_STUDIO, 0x4a3b36, 0xd8c2ae, 0xfff5e6, 0x8a7163, 0x2a201d, 0xb5523b},
    {LIGHT_STUDIO, 0x26403c, 0xa7c4b5, 0xf6fbf4, 0x4f736b, 0x142320, 0xe0a458},
    {LIGHT_STUDIO, 0x3b2f4f, 0xc9b6d3, 0xfdf5ff, 0x75648a, 0x1f182c, 0xe07a8b},
    {LIGHT_DESERT, 0x4f8fb0, 0xf9dba6, 0xfff3d0, 0xd89a5b, 0x7a3d22, 0x2f6f73},
    {LIGHT_DESERT, 0x8a4a5a, 0xf6b47a, 0xffe9bf, 0xc76b46, 0x4f2320, 0xf2d16b},
};
enum { PALETTE_COUNT = sizeof PALETTES / sizeof *PALETTES };

struct rgb rgb_of(unsigned hex)
{
    return (struct rgb){(double)(hex >> 16 & 255), (double)(hex >> 8 & 255), (double)(hex & 255)};
}

struct rgb rgb_mix(struct rgb a, struct rgb b, double part)
{
    return (struct rgb){a.r + (b.r - a.r) * part, a.g + (b.g - a.g) * part, a.b + (b.b - a.b) * part};
}

/* The light that suits a place when the prompt names none. */
static enum mood_light light_for(enum mood_place place, struct dice *dice)
{
    static const enum mood_light OPEN[] = {LIGHT_DAY,    LIGHT_SUNSET, LIGHT_DAWN,
                                           LIGHT_SUNSET, LIGHT_AUTUMN, LIGHT_NIGHT};

    switch (place) {
    case PLACE_FOREST: return LIGHT_FOREST;
    case PLACE_STUDIO:
    case PLACE_RAYS: return LIGHT_STUDIO;
    case PLACE_OFFICE: return LIGHT_DAY;
    case PLACE_LIBRARY: return LIGHT_OLD;
    case PLACE_ROOM: return dice_below(dice, 2) ? LIGHT_DAWN : LIGHT_AUTUMN;
    case PLACE_HALL: return LIGHT_OLD;
    case PLACE_STAGE: return LIGHT_NIGHT;
    case PLACE_LAB: return LIGHT_WINTER;
    case PLACE_CASTLE: return dice_below(dice, 3) ? LIGHT_OLD : LIGHT_SUNSET;
    case PLACE_DESERT: return LIGHT_DESERT;
    case PLACE_SPACE: return dice_below(dice, 2) ? LIGHT_NIGHT : LIGHT_NEON;
    case PLACE_GARDEN: return dice_below(dice, 2) ? LIGHT_DAY : LIGHT_DAWN;
    case PLACE_CITY: return dice_below(dice, 2) ? LIGHT_NIGHT : LIGHT_SUNSET;
    default: return OPEN[dice_below(dice, (int)(sizeof OPEN / sizeof *OPEN))];
    }
}

static void choose_palette(struct mood *mood, struct dice *dice)
{
    int fitting[PALETTE_COUNT], count = 0;
    const struct palette *p;

    for (int i = 0; i < PALETTE_COUNT; i++)
        if (PALETTES[i].light == mood->light)
            fitting[count++] = i;
    p = &PALETTES[fitting[dice_below(dice, count)]];
    mood->high = rgb_of(p->high);
    mood->low = rgb_of(p->low);
    mood->glow = rgb_of(p->glow);
    mood->far = rgb_of(p->far);
    mood->near = rgb_of(p->near);
    mood->accent = rgb_of(p->accent);
}

struct mood mood_of(struct text prompt, struct dice *dice)
{
    static const enum mood_place OPEN[] = {PLACE_HILLS,  PLACE_SEA,   PLACE_SHAPES,
                                           PLACE_GARDEN, PLACE_HILLS, PLACE_DESERT};
    struct mood mood = {0};

    words_read(&mood, prompt);
    if (!mood.place && mood.light == LIGHT_NEON)
        mood.place = PLACE_CITY;
    if (!mood.place && mood.figure)
        mood.place = PLACE_STUDIO;
    if (!mood.place)
        mood.place = OPEN[dice_below(dice, (int)(sizeof OPEN / sizeof *OPEN))];
    if (!mood.light)
        mood.light = light_for(mood.place, dice);
    if (!mood.hair)
        mood.hair = (enum mood_hair)(1 + dice_below(dice, HAIR_COUNT - 1));
    choose_palette(&mood, dice);
    return mood;
}
