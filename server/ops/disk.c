#include "ops/disk.h"

#include <sys/statvfs.h>

enum { LEAST_BYTES = 200 << 20, LOW_PERCENT = 5, LEAST_PERCENT = 1 };

enum disk_state disk_judge(uint64_t free_bytes, uint64_t all_bytes)
{
    uint64_t percent = all_bytes / 100;

    if (free_bytes < LEAST_BYTES || free_bytes < LEAST_PERCENT * percent)
        return DISK_FULL;
    return free_bytes < LOW_PERCENT * percent ? DISK_LOW : DISK_OK;
}

enum disk_state disk_look(const char *folder)
{
    struct statvfs disk;

    if (statvfs(folder, &disk) != 0)
        return DISK_OK;
    return disk_judge((uint64_t)disk.f_bavail * disk.f_frsize, (uint64_t)disk.f_blocks * disk.f_frsize);
}
