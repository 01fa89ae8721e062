#pragma once
/* The simulator's "CDN": files on disk, served under /files/. Results are in out/, uploads in in/. The oldest go when
   SIM_MAX_FILE_BYTES are reached. Callable from every thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

enum { SIM_FILE_NAME_ROOM = 160 };
#define SIM_MAX_FILE_BYTES ((int64_t)2 << 30)

struct sim_files;
/* state: the files live beside it and stay; NULL: in a folder of their own that goes at the end. */
struct sim_files *sim_files_open(const char *state, struct err *reterr);
void sim_files_close(struct sim_files *files);
const char *sim_files_root(const struct sim_files *files);

/* name: "out/….jpeg". An existing file is replaced. */
bool sim_files_write(struct sim_files *files, const char *name, struct text bytes, struct err *reterr);
bool sim_files_append(struct sim_files *files, const char *name, struct text bytes, struct err *reterr);
/* Takes len bytes on disk without having them. */
bool sim_files_write_hole(struct sim_files *files, const char *name, int64_t len, struct err *reterr);
bool sim_files_read(struct sim_files *files, const char *name, struct buf *ret, struct err *reterr);
void sim_files_remove(struct sim_files *files, const char *name);
/* Moves a finished upload to where it is served. */
bool sim_files_rename(struct sim_files *files, const char *from, const char *to, struct err *reterr);

/* Sets when it was written so that sim_files_expired, asked with ttl_s, finds it expired lifetime_s from now. */
void sim_files_end_in(struct sim_files *files, const char *name, int64_t lifetime_s, int64_t ttl_s);

/* A folder and one name of harmless characters? */
bool sim_files_name_is_fine(struct text name);
/* Was it written ttl_s ago or longer? ttl_s 0: never. The name must be fine. */
bool sim_files_expired(const struct sim_files *files, struct text name, int64_t ttl_s);
