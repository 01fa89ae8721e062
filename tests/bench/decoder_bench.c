/* What decoding photos costs: decoder-bench PROCESSES TIMES FILE.jpg…; by hand. Run it from the project's folder. */
#include "decoder/decoder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static bool examine(struct decoder *decoder, const char *path)
{
    struct photo_files files;
    struct err err;
    struct stat file;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t began_us = clock_monotonic_us();
    bool ok = fd >= 0 && fstat(fd, &file) == 0 && decoder_examine(decoder, fd, 0, file.st_size, true, &files, &err);

    if (ok) {
        (void)printf("%d x %d: %.0f ms, sharpness %.2f, brightness %.0f, faces %d, clean %zu bytes\n",
                     files.facts.width, files.facts.height, (double)(clock_monotonic_us() - began_us) / 1e3,
                     (double)files.facts.sharpness, (double)files.facts.brightness, files.facts.face_count,
                     files.clean.len);
        photo_files_done(&files);
    } else {
        (void)printf("%s: %s %s\n", path, fd < 0 ? "cannot be read" : err.code, fd < 0 ? "" : err.detail);
    }
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

int main(int argc, char **argv)
{
    struct rusage used;
    struct decoder *decoder;
    struct err err;
    int taken = 0, times;

    if (argc == 3 && strcmp(argv[1], "decoder") == 0)
        return decoder_main(argv[0], argv[2]);
    if (argc < 4)
        return 2;
    decoder = decoder_open(argv[0], "node_modules/@mediapipe/face_detection", (int)strtol(argv[1], NULL, 10), &err);
    times = (int)strtol(argv[2], NULL, 10);
    for (int i = 0; i < times; i++)
        for (int file = 3; file < argc; file++)
            taken += examine(decoder, argv[file]);
    decoder_close(decoder);
    if (getrusage(RUSAGE_CHILDREN, &used) == 0 && taken > 0)
        (void)printf("%d photos: %.0f ms of processor time each, at most %ld MiB\n", taken,
                     ((double)used.ru_utime.tv_sec * 1e3 + (double)used.ru_utime.tv_usec / 1e3 +
                      (double)used.ru_stime.tv_sec * 1e3 + (double)used.ru_stime.tv_usec / 1e3) /
                         taken,
                     used.ru_maxrss / 1024);
    return 0;
}
