#pragma once
/* Pictures of strangers are decoded in processes of their own, which a crash, a bomb or an endless loop may take with
   them: they have no database, no keys and no network, may not open files, and have limits of memory and time. The
   server keeps a few of them and makes new ones as they die.
   Errors: those of image/photo.h, as the decoder said; photo_undecodable (ERR_UPSTREAM: its process died over this one,
   or was ended because it took too long or too much memory; said to the user as "corrupt"); decoder_busy (ERR_BUSY:
   none was free within DECODER_WAIT_S); decoder_failed (ERR_INTERNAL: no process can be made). */
#include <stdatomic.h>

#include "image/photo.h"

enum {
    DECODER_CPU_S = 10,   /* one photo, of a processor's time */
    DECODER_PHOTO_S = 20, /* the same by the wall's clock: decoders give way to everybody else */
    DECODER_NICE = 10,
    DECODER_WAIT_S = 60,
    DECODER_MEMORY_MIB = 1024,
};

struct decoder;

/* program is argv[0] of this process, which knows the sub-command "decoder"; models is the folder of face/'s weights.
   Processes are made when they are first needed, count at most. */
struct decoder *decoder_open(const char *program, const char *models, int count, struct err *reterr);
/* Waits for the threads that are in decoder_examine, and ends the processes. NULL is fine. */
void decoder_close(struct decoder *decoder);

/* The bytes [from, from + len) of a file, len at most INT32_MAX. Blocking; from any thread. *ret as by photo_examine.
 */
bool decoder_examine(struct decoder *decoder, int fd, int64_t from, int64_t len, bool look_for_faces,
                     struct photo_files *ret, struct err *reterr);

/* The process: `aisha decoder`, its socket is descriptor 0. Returns the exit status. */
int decoder_main(const char *program, const char *models);

/* Since the start, for metrics. */
struct decoder_counts {
    long examined, died, ended /* by a limit */;
};
struct decoder_counts decoder_counts(struct decoder *decoder);
