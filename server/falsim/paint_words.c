#include "falsim/paint_words.h"

#include <string.h>

/* A word of the prompt that begins with the stem sets one member. A stem with '.' behind it is the whole word. */
enum kind {
    SET_PLACE,
    SET_LIGHT,
    SET_WEATHER,
    SET_FIGURE,
    SET_HAIR,
    SET_DRESS,
    SET_HAT,
    SET_EXTRA,
    SET_MANNER,
    SET_CLOTH,
};
static const struct {
    enum kind kind;
    int value;
    const char *stems; /* separated by spaces */
} WORDS[] = {
    {SET_PLACE, PLACE_SEA,
     "sea. ocean beach wave lake island boat ship harbor harbour river pirate море моря морск "
     "океан пляж волн озер остров корабл река реки пират"},
    {SET_PLACE, PLACE_FOREST,
     "forest wood. woods jungle tree trees. pine elf fairy лес. леса лесн лесу джунгл дерев "
     "сосн эльф фея сказочн"},
    {SET_PLACE, PLACE_CITY,
     "city cities street urban skyline cyberpunk neon tokyo york downtown rooftop highway megacity town город "
     "улиц киберпанк неон токио мегаполис крыш"},
    {SET_PLACE, PLACE_CASTLE,
     "castle courtyard medieval knight king. queen prince princess dragon kingdom viking замок замк "
     "средневек рыцар король корол принц дракон викинг"},
    {SET_PLACE, PLACE_OFFICE, "boardroom office open-plan desk переговорн офис кабинет"},
    {SET_PLACE, PLACE_LIBRARY, "library bookshop books shelves tower библиотек книжн башн"},
    {SET_PLACE, PLACE_ROOM,
     "café cafe coffee home blanket houseplants kitchen tavern room loft bakery кофе кафе дом. дома домашн кресл кухн "
     "таверн комнат"},
    {SET_PLACE, PLACE_HALL, "gala throne ballroom hall. carpet premiere chandelier бал. трон зал. дорожк премьер"},
    {SET_PLACE, PLACE_STAGE, "stage conference concert сцен концерт конференц"},
    {SET_PLACE, PLACE_LAB, "laboratory lab. monitors holographic лаборатор голограмм монитор"},
    {SET_PLACE, PLACE_RAYS, "sunburst deco деко лучи"},
    {SET_PLACE, PLACE_STUDIO,
     "studio headshot business linkedin fashion editorial passport cover студи деловой делов "
     "бизнес мода модн обложк"},
    {SET_PLACE, PLACE_DESERT, "desert dune sahara egypt cowboy western пустын дюн сахар егип ковбо"},
    {SET_PLACE, PLACE_SPACE,
     "space. galaxy planet mars colony astronaut cosmos cosmic sci-fi nebula star. космос космич "
     "планет галакт астронавт космонавт марс. звезд туманност"},
    {SET_PLACE, PLACE_GARDEN,
     "garden provence flower market lavender park meadow field spring blossom rose сад. саду цвет парк луг. поле. "
     "весн"},
    {SET_PLACE, PLACE_HILLS,
     "mountain hill alps valley trail peaks cliff landscape nature горы гора. гору горах горн холм альп долин "
     "пейзаж природ"},
    {SET_PLACE, PLACE_SHAPES, "abstract pattern geometric art. poster абстракт узор геометр плакат"},
    {SET_LIGHT, LIGHT_SUNSET, "sunset dusk evening golden warm закат вечер золот тепл"},
    {SET_LIGHT, LIGHT_NIGHT,
     "night moon midnight dark noir starry campfire ночь ночи ночн ночью лун полноч темн тёмн нуар"},
    {SET_LIGHT, LIGHT_NEON, "neon cyberpunk synthwave vaporwave futuristic неон киберпанк футурист"},
    {SET_LIGHT, LIGHT_WINTER,
     "winter snow ice frost christmas arctic зим снег снеж лед. мороз рождеств арктик новогод"},
    {SET_LIGHT, LIGHT_AUTUMN, "autumn fall. october осен октябр листопад"},
    {SET_LIGHT, LIGHT_DAWN, "dawn sunrise morning pastel рассвет утро утр восход пастель"},
    {SET_LIGHT, LIGHT_OLD, "medieval castle renaissance vintage oil painting средневек замок ренессанс винтаж масл"},
    {SET_LIGHT, LIGHT_DAY, "day. daylight sunny summer noon день дневн солнечн солнце лет. летн летом"},
    {SET_WEATHER, WEATHER_SNOW, "snow winter blizzard снег снеж зим метель"},
    {SET_WEATHER, WEATHER_RAIN, "rain storm дожд ливень гроз шторм"},
    {SET_WEATHER, WEATHER_FOG, "fog mist haze туман дымк"},
    {SET_FIGURE, 1,
     "portrait man. woman girl boy. person people face headshot selfie model. avatar lady gentleman "
     "hero superhero knight king. queen prince wizard mage astronaut warrior elf pirate cowboy tok. "
     "портрет мужчин женщин девушк парень парня человек лиц персон аватар геро супергеро рыцар корол "
     "принц маг. волшебн астронавт космонавт воин эльф пират ковбо"},
    {SET_HAIR, HAIR_LONG, "woman girl lady princess queen elf женщин девушк принцесс королев эльф"},
    {SET_HAIR, HAIR_SHORT, "man. boy. gentleman prince. king. мужчин парень парня мальчик принц. король"},
    {SET_DRESS, DRESS_SUIT,
     "suit business office formal linkedin gentleman blazer tuxedo tweed костюм делов бизнес офис галстук смокинг"},
    {SET_DRESS, DRESS_CROWN, "king. queen royal princess prince. король корол принцесс"},
    {SET_DRESS, DRESS_HELMET, "astronaut spacesuit space. cosmonaut colony астронавт космонавт скафандр"},
    {SET_DRESS, DRESS_HOOD, "hood wizard monk assassin cyberpunk mage капюшон маг. волшебн монах киберпанк"},
    {SET_DRESS, DRESS_CAPE, "hero superhero cape cloak геро супергеро плащ"},
    {SET_DRESS, DRESS_ARMOUR, "armour armor knight доспех латы рыцар"},
    {SET_DRESS, DRESS_GOWN, "gown dress blouse платье плать"},
    {SET_DRESS, DRESS_COAT, "coat parka poncho jacket overcoat пальто куртк парк"},
    {SET_DRESS, DRESS_SWEATER, "sweater cardigan turtleneck hoodie racing techwear knit свитер кардиган худи"},
    {SET_HAT, HAT_CROWN, "crown circlet корон"},
    {SET_HAT, HAT_BRIM, "hat straw шляп соломенн"},
    {SET_HAT, HAT_TALL, "top-hat deco цилиндр"},
    {SET_HAT, HAT_KNIT, "fluffy beanie snowy шапк"},
    {SET_HAT, HAT_PHONES, "headphones headset наушник"},
    {SET_HAT, HAT_LEAVES, "leaf elf лист. эльф"},
    {SET_HAT, HAT_CIRCUIT, "cybernetic implants circuit visor киборг имплант визор"},
    {SET_HAT, HAT_GLASSES, "glasses очки очках"},
    {SET_EXTRA, EXTRA_DRAGON, "dragon дракон"},
    {SET_EXTRA, EXTRA_FIRE, "campfire hearth костр очаг камин"},
    {SET_EXTRA, EXTRA_FLASHES, "carpet premiere дорожк премьер"},
    {SET_EXTRA, EXTRA_SCARF, "scarf шарф"},
    {SET_EXTRA, EXTRA_FLOWERS, "lavender bouquet peonies wildflowers лаванд букет"},
    {SET_EXTRA, EXTRA_LEAVES, "autumn осен"},
    {SET_EXTRA, EXTRA_MAGIC, "runes mage magic fireflies маги волшебн светлячк"},
    {SET_MANNER, MANNER_GREY, "noir monochrome gelatin black-and-white нуар монохром чёрно-бел черно-бел"},
    {SET_MANNER, MANNER_PENCIL, "graphite pencil sketchbook графит карандаш набросок"},
    {SET_MANNER, MANNER_WATER, "watercolour watercolor акварел"},
    {SET_MANNER, MANNER_POSTER, "halftone pop-art screen-print поп-арт полутон"},
    {SET_MANNER, MANNER_OIL, "impasto oil масл мазк"},
    {SET_MANNER, MANNER_DOUBLE, "exposure экспозиц"},
    {SET_MANNER, MANNER_PEARL, "high-key pearl жемчуг"},
    {SET_CLOTH, 0xa4343a, "red crimson красн алый ал"},
    {SET_CLOTH, 0x7a2640, "burgundy бордов"},
    {SET_CLOTH, 0x24406e, "blue navy midnight син темно-син"},
    {SET_CLOTH, 0x1f6b52, "emerald изумруд"},
    {SET_CLOTH, 0x4c6b3f, "green moss-green зелен зелён"},
    {SET_CLOTH, 0xe9e6df, "white off-white pearl-white silver бел. белый белая белое серебр"},
    {SET_CLOTH, 0xe2d3b8, "cream oatmeal champagne beige бежев сливоч"},
    {SET_CLOTH, 0x24232b, "black graphite чёрн черн"},
    {SET_CLOTH, 0x54585f, "grey gray charcoal сер. серый серая"},
    {SET_CLOTH, 0xb98d55, "camel tweed brown коричнев верблюж"},
    {SET_CLOTH, 0x5d4591, "violet purple lavender фиолет лилов"},
    {SET_CLOTH, 0xe0c35c, "yellow mustard жёлт желт горчич"},
    {SET_CLOTH, 0xbf6330, "rust rust-coloured orange neon-orange рыж оранж"},
    {SET_CLOTH, 0x1f7f86, "teal бирюз"},
    {SET_CLOTH, 0xc9a24a, "gold-embroidered golden золот"},
    {SET_CLOTH, 0x4f6f94, "denim chambray джинс"},
};

/* Lower case of ASCII and of the Russian letters, whose capitals are U+0410…U+042F and U+0401. */
static size_t make_lower(struct text t, unsigned char *to, size_t room)
{
    size_t len = t.len < room ? t.len : room;

    memcpy(to, t.at, len);
    for (size_t i = 0; i < len; i++) {
        if (to[i] >= 'A' && to[i] <= 'Z')
            to[i] = (unsigned char)(to[i] | 0x20);
        if (to[i] != 0xd0 || i + 1 >= len)
            continue;
        if (to[i + 1] == 0x81) /* Ё */
            memcpy(to + i, "\xd1\x91", 2);
        else if (to[i + 1] >= 0x90 && to[i + 1] <= 0x9f)
            to[i + 1] = (unsigned char)(to[i + 1] + 0x20);
        else if (to[i + 1] >= 0xa0 && to[i + 1] <= 0xaf)
            memcpy(to + i, (unsigned char[]){0xd1, (unsigned char)(to[i + 1] - 0x20)}, 2);
        i++;
    }
    return len;
}

static bool is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || c >= 0x80 || c == '-'; }

static bool begins_with_one_of(struct text word, const char *stems)
{
    struct text rest = text_of(stems);

    while (rest.len) {
        struct text stem = text_cut(&rest, ' ');
        bool whole = stem.len && stem.at[stem.len - 1] == '.';
        stem.len -= whole;
        if (stem.len && (whole ? text_equal(word, stem) : text_starts(word, stem)))
            return true;
    }
    return false;
}

/* The first that is named; but a roof goes before what is said of the time or the trade. */
static enum mood_place place_of(enum mood_place now, enum mood_place named)
{
    bool is_vague = now == PLACE_ANY || now == PLACE_CASTLE || now == PLACE_STUDIO || now == PLACE_SHAPES;

    return now == PLACE_ANY || (is_vague && named >= PLACE_OFFICE) ? named : now;
}

static void set(struct mood *mood, enum kind kind, int value)
{
    switch (kind) {
    case SET_PLACE: mood->place = place_of(mood->place, (enum mood_place)value); return;
    case SET_LIGHT: mood->light = mood->light ? mood->light : (enum mood_light)value; return;
    case SET_WEATHER: mood->weather = (enum mood_weather)value; return;
    case SET_FIGURE: mood->figure = true; return;
    case SET_HAIR: mood->hair = (enum mood_hair)value; return;
    case SET_DRESS: mood->dress = mood->dress ? mood->dress : (enum mood_dress)value; return;
    case SET_HAT: mood->hat = mood->hat ? mood->hat : (enum mood_hat)value; return;
    case SET_EXTRA: mood->extras |= (unsigned)value; return;
    case SET_MANNER: mood->manner = mood->manner ? mood->manner : (enum mood_manner)value; return;
    case SET_CLOTH: mood->cloth = mood->cloth ? mood->cloth : (unsigned)value; return;
    }
}

void words_read(struct mood *mood, struct text prompt)
{
    unsigned char lower[4096];
    size_t len = make_lower(prompt, lower, sizeof lower);

    for (size_t i = 0, end; i < len; i = end + 1) {
        for (end = i; end < len && is_letter(lower[end]);)
            end++;
        for (size_t w = 0; w < sizeof WORDS / sizeof *WORDS; w++)
            if (end > i && begins_with_one_of((struct text){(char *)lower + i, end - i}, WORDS[w].stems))
                set(mood, WORDS[w].kind, WORDS[w].value);
    }
}
