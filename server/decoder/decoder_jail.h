#pragma once
/* The walls around a process that decodes strangers' pictures. */
#include "base/err.h"

/* Sanitizers map terabytes of shadow and write reports: a build with them has no limit of memory and of what is written
   to the log. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DECODER_JAIL_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DECODER_JAIL_SANITIZED 1
#endif
#endif
#ifndef DECODER_JAIL_SANITIZED
#define DECODER_JAIL_SANITIZED 0
#endif

/* From here on the process can compute and use the descriptors that it has, and nothing else: no files, sockets, other
   programs or processes, no more memory than DECODER_MEMORY_MIB. Threads may still be made. There is no way back.
   False (decoder_jail, ERR_INTERNAL): a wall does not stand; the process must not go on. */
bool decoder_jail_enter(struct err *reterr);

/* Before each photo: the kernel ends the process after so much processor time from now, or after a little
   more than twice that by the clock, should the server be unable to do so. 0: never. */
void decoder_jail_allow(int seconds);
