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
enum mood_dress { DRESS_PLAIN, DRESS_SUIT, DRESS_CROWN, DRESS_HELMET, DRESS_HOOD, DRESS_CAPE };

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
    struct rgb high, low, glow, far, near, accent; /* sky above and at the horizon, lamp, ridges, one bright colour */
};

struct mood mood_of(struct text prompt, struct dice *dice);
struct rgb rgb_mix(struct rgb a, struct rgb b, double part_of_b);
