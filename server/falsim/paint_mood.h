#pragma once
/* What a prompt asks to see: place, light, weather, somebody in front, and the colours of all that. Words are known in
   English and Russian; what the prompt leaves open is drawn by lot. */
#include <stdbool.h>

#include "base/text.h"
#include "falsim/paint_dice.h"

enum mood_place {
    PLACE_ANY,
    PLACE_HILLS,
    PLACE_SEA,
    PLACE_FOREST,
    PLACE_CITY,
    PLACE_CASTLE,
    PLACE_STUDIO,
    PLACE_DESERT,
    PLACE_SPACE,
    PLACE_GARDEN,
    PLACE_SHAPES,
    PLACE_OFFICE,
    PLACE_LIBRARY,
    PLACE_ROOM,
    PLACE_HALL,
    PLACE_STAGE,
    PLACE_LAB,
    PLACE_RAYS,
};
enum mood_light {
    LIGHT_ANY,
    LIGHT_DAY,
    LIGHT_SUNSET,
    LIGHT_NIGHT,
    LIGHT_DAWN,
    LIGHT_NEON,
    LIGHT_WINTER,
    LIGHT_FOREST,
    LIGHT_AUTUMN,
    LIGHT_OLD,
    LIGHT_STUDIO,
    LIGHT_DESERT,
};
enum mood_weather { WEATHER_CLEAR, WEATHER_SNOW, WEATHER_RAIN, WEATHER_FOG };
enum mood_hair { HAIR_ANY, HAIR_SHORT, HAIR_LONG, HAIR_BUN, HAIR_BALD, HAIR_COUNT };
enum mood_dress {
    DRESS_PLAIN,
    DRESS_SUIT,
    DRESS_CROWN,
    DRESS_HELMET,
    DRESS_HOOD,
    DRESS_CAPE,
    DRESS_ARMOUR,
    DRESS_GOWN,
    DRESS_COAT,
    DRESS_SWEATER,
};
enum mood_hat {
    HAT_NONE,
    HAT_CROWN,
    HAT_BRIM,
    HAT_TALL,
    HAT_KNIT,
    HAT_PHONES,
    HAT_LEAVES,
    HAT_CIRCUIT,
    HAT_GLASSES,
};
enum mood_extra {
    EXTRA_DRAGON = 1,
    EXTRA_FIRE = 2,
    EXTRA_FLASHES = 4,
    EXTRA_LEAVES = 8,
    EXTRA_MAGIC = 16,
    EXTRA_SCARF = 32,
    EXTRA_FLOWERS = 64,
};
/* How it is made: a photograph, or something else. */
enum mood_manner {
    MANNER_PHOTO,
    MANNER_GREY,
    MANNER_PENCIL,
    MANNER_WATER,
    MANNER_POSTER,
    MANNER_OIL,
    MANNER_DOUBLE, /* whoever stands there is filled with the place */
    MANNER_PEARL,  /* light on light */
};

struct rgb {
    double r, g, b; /* 0 … 255 */
};

struct mood {
    enum mood_place place;
    enum mood_light light;
    enum mood_weather weather;
    bool figure; /* somebody stands in front */
    enum mood_hair hair;
    enum mood_dress dress;
    enum mood_hat hat;
    unsigned extras; /* of enum mood_extra */
    enum mood_manner manner;
    unsigned cloth;                                /* 0xrrggbb; 0: as it suits the place */
    struct rgb high, low, glow, far, near, accent; /* sky above and at the horizon, lamp, ridges, one bright colour */
};

struct mood mood_of(struct text prompt, struct dice *dice);
struct rgb rgb_of(unsigned hex);
struct rgb rgb_mix(struct rgb a, struct rgb b, double part_of_b);
