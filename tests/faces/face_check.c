/* face-check MODELS [--turn 90|180|270] FILE…: how many faces each photo has, a line each: count, best score,
   milliseconds of processor time, file. The photos are shown to the finder as large as the server shows them. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <vips/vips.h>

#include "image/face.h"

enum { SIDE = 1024 };

static double processor_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Upright as it says itself, then turned; sRGB, 8 bits, no alpha; in memory. */
static VipsImage *open_photo(const char *file, VipsAngle turn)
{
    VipsImage *small = NULL, *coloured = NULL, *flat = NULL, *bytes = NULL, *memory = NULL, *ret = NULL;
    bool ok =
        !vips_thumbnail(file, &small, SIDE, "height", SIDE, "size", VIPS_SIZE_DOWN, NULL) &&
        !vips_colourspace(small, &coloured, VIPS_INTERPRETATION_sRGB, NULL) &&
        (vips_image_hasalpha(coloured) ? !vips_flatten(coloured, &flat, NULL) : !vips_copy(coloured, &flat, NULL)) &&
        !vips_cast_uchar(flat, &bytes, NULL);

    memory = ok ? vips_image_copy_memory(bytes) : NULL; /* a file is read from the top only, and turning is not */
    if (memory && vips_rot(memory, &ret, turn, NULL))
        ret = NULL;
    VIPS_UNREF(small);
    VIPS_UNREF(coloured);
    VIPS_UNREF(flat);
    VIPS_UNREF(bytes);
    VIPS_UNREF(memory);
    return ret;
}

static bool check(struct face_finder *finder, const char *file, VipsAngle turn)
{
    VipsImage *photo = open_photo(file, turn);
    const unsigned char *pixels = photo ? vips_image_get_data(photo) : NULL;
    struct face faces[FACE_MAX];
    double start = processor_ms();
    int count;

    if (!pixels) {
        (void)fprintf(stderr, "%s: %s", file, vips_error_buffer());
        vips_error_clear();
        return false;
    }
    count = face_find(finder, photo->Xsize, photo->Ysize, pixels, faces);
    printf("%d\t%.3f\t%.1f\t%s\n", count, count ? (double)faces[0].score : 0, processor_ms() - start, file);
    g_object_unref(photo);
    return true;
}

int main(int count, char **words)
{
    bool turned = count > 3 && strcmp(words[2], "--turn") == 0, ok = true;
    VipsAngle turn = VIPS_ANGLE_D0;
    struct face_finder *finder;
    struct err err = {0};

    if (count < 3 || vips_init(words[0]))
        return 2;
    if (turned)
        turn = strcmp(words[3], "90") == 0    ? VIPS_ANGLE_D90
               : strcmp(words[3], "180") == 0 ? VIPS_ANGLE_D180
                                              : VIPS_ANGLE_D270;
    finder = face_finder_open(words[1], &err);
    if (!finder)
        (void)fprintf(stderr, "%s\n", err.detail);
    for (int i = turned ? 4 : 2; finder && i < count; i++)
        ok &= check(finder, words[i], turn);
    face_finder_close(finder);
    vips_shutdown();
    return finder && ok ? 0 : 1;
}
