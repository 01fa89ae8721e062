#pragma once
/* The table that the build makes (scripts/build-bundle): for bundle.c. */
#include "view/bundle.h"

/* The bytes of a file, taken in by the assembler, and a NUL behind them. */
#define BUNDLE_BLOB(symbol, file)                                                                                      \
    __asm__(".pushsection .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.popsection\n");                       \
    extern const char symbol[] __attribute__((visibility("hidden")))

extern const char bundle_hash[];
extern const struct bundle_file bundle_files[]; /* sorted by path */
extern const int bundle_count;
