#include "photos/photo_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "photos/photo_verdict.h"

struct reading {
    const char *start;
    struct photo_parts *parts;
    struct faults *faults;
    bool takes_token;
};

/* The scan has been over it: pages that were read need not stay in memory. */
static void forget(struct text bytes)
{
    enum { PAGE = 4096 };
    uintptr_t from = ((uintptr_t)bytes.at + PAGE - 1) / PAGE * PAGE,
              to = ((uintptr_t)bytes.at + bytes.len) / PAGE * PAGE;

    if (to > from)
        (void)madvise((char *)bytes.at + (from - (uintptr_t)bytes.at), to - from, MADV_DONTNEED);
}

static bool take_token(struct reading *reading, struct text token)
{
    (void)text_copy(reading->parts->csrf_token, sizeof reading->parts->csrf_token, token);
    return true;
}

static bool take(void *owner, const struct multipart_part *part)
{
    struct reading *reading = owner;
    struct photo_parts *parts = reading->parts;
    struct photo_part *item = &parts->items[parts->count];
    struct text name = part->name.at ? part->name : TEXT("");

    if (reading->takes_token && parts->count == 0 && text_equal(name, TEXT("csrf_token")))
        return take_token(reading, part->bytes);
    if (!text_equal(name, TEXT("photo"))) {
        (void)faults_add_what(reading->faults, "", "part_unknown", text_is_utf8(name) ? name : TEXT("?"));
        return true;
    }
    photo_file_name(part->file_name, item->file_name);
    if (!part->bytes.len && !*item->file_name)
        return true;
    item->from = part->bytes.at - reading->start;
    item->len = (int64_t)part->bytes.len;
    parts->count++;
    forget(part->bytes);
    return true;
}

bool photo_parts_read(int fd, int64_t bytes, struct text boundary, bool takes_token, struct photo_parts *ret,
                      struct faults *faults, struct err *reterr)
{
    struct reading reading = {.parts = ret, .faults = faults, .takes_token = takes_token};
    bool ok = true;
    void *map;

    *ret = (struct photo_parts){.count = 0};
    *reterr = (struct err){.kind = ERR_NONE};
    if (bytes == 0)
        return err_set(reterr, ERR_BAD_REQUEST, "multipart_cut", "an empty body");
    map = mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return err_set(reterr, ERR_INTERNAL, "internal", "a body of %lld bytes: %s", (long long)bytes, strerror(errno));
    (void)madvise(map, (size_t)bytes, MADV_SEQUENTIAL);
    reading.start = map;
    ok = multipart_read((struct text){map, (size_t)bytes}, boundary, take, &reading, reterr);
    (void)munmap(map, (size_t)bytes);
    if (ok && ret->count == 0 && faults->count == 0)
        (void)faults_add(faults, "", "no_photos");
    return ok && faults->count == 0;
}
