/* Writes drawn portraits for tests from outside: draw-portrait FILE WIDTH HEIGHT SEED [KIND]. FILE's ending says the
   format, with libvips' options if there are any: a.jpg[Q=90], a.png, a.webp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/picture.h"
#include "support/portrait.h"

enum { FIRST_NUMBER = 2, NUMBERS = 3, KIND_AT = 5 };

static const char USAGE[] =
    "draw-portrait FILE WIDTH HEIGHT SEED [KIND]\n"
    "KIND: faceless, two, printed (inks instead of light), held1 to held8 (EXIF's orientation)\n";

/* NULL when there is no such kind. */
static VipsImage *draw(struct portrait p, const char *kind)
{
    int orientation = strncmp(kind, "held", 4) == 0 && strlen(kind) == 5 ? kind[4] - '0' : 0;

    p.faceless = strcmp(kind, "faceless") == 0;
    p.two = strcmp(kind, "two") == 0;
    if (p.faceless || p.two || !*kind)
        return portrait_draw(p);
    if (strcmp(kind, "printed") == 0)
        return picture_in_profile(portrait_draw(p), "cmyk");
    return orientation >= 1 && orientation <= 8 ? picture_held(portrait_draw(p), orientation) : NULL;
}

int main(int count, char **words)
{
    int64_t numbers[NUMBERS] = {0};
    bool understood = count == KIND_AT || count == KIND_AT + 1;
    VipsImage *image = NULL;
    int failed;

    for (int i = 0; i < NUMBERS && understood; i++)
        understood = text_int64(text_of(words[FIRST_NUMBER + i]), i < 2, 10000, &numbers[i]);
    if (understood && vips_init(words[0]) == 0) {
        struct portrait p = {.width = (int)numbers[0], .height = (int)numbers[1], .seed = (unsigned)numbers[2]};
        image = draw(p, count > KIND_AT ? words[KIND_AT] : "");
    }
    if (!image) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    failed = vips_image_write_to_file(image, words[1], NULL);
    if (failed)
        (void)fprintf(stderr, "draw-portrait: %s", vips_error_buffer());
    g_object_unref(image);
    vips_shutdown();
    return failed != 0;
}
