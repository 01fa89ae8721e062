#pragma once
#include <stdint.h>

/* How much room there is where files are written. DISK_LOW: less than 5 %, time to act. DISK_FULL: less than 1 % or
   200 MiB: what comes in now may find none. */
enum disk_state { DISK_OK, DISK_LOW, DISK_FULL };

enum disk_state disk_judge(uint64_t free_bytes, uint64_t all_bytes);
/* Of the disk that folder is on; DISK_OK when that cannot be said. */
enum disk_state disk_look(const char *folder);
