/* Writes drawn portraits for tests from outside: draw-portrait FILE WIDTH HEIGHT SEED [faceless|two]. FILE's ending
   says the format, with libvips' options if there are any: a.jpg[Q=90], a.png, a.webp. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "support/portrait.h"

int main(int count, char **words)
{
    struct portrait p = {.faceless = count == 6 && strcmp(words[5], "faceless") == 0,
                         .two = count == 6 && strcmp(words[5], "two") == 0};
    int64_t numbers[3] = {0};
    bool understood = count == 5 || p.faceless || p.two;
    VipsImage *image;
    int failed;

    for (int i = 0; i < 3 && understood; i++)
        understood = text_int64(text_of(words[2 + i]), i < 2, 10000, &numbers[i]);
    if (!understood || vips_init(words[0])) {
        (void)fputs("draw-portrait FILE WIDTH HEIGHT SEED [faceless|two]\n", stderr);
        return 2;
    }
    p.width = (int)numbers[0], p.height = (int)numbers[1], p.seed = (unsigned)numbers[2];
    image = portrait_draw(p);
    failed = vips_image_write_to_file(image, words[1], NULL);
    if (failed)
        (void)fprintf(stderr, "draw-portrait: %s", vips_error_buffer());
    g_object_unref(image);
    vips_shutdown();
    return failed != 0;
}
