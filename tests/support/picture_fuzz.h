#pragma once
/* For fuzzers of pictures: who links it starts image/ before the first input. */
#include "image/image.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Large pictures only make it slow. False also for what is no picture. */
bool picture_fuzz_is_large(struct text picture, int64_t pixels_max);
