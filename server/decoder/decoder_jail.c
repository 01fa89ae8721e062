#include "decoder/decoder_jail.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "decoder/decoder.h"

enum { DESCRIPTORS = 16, GRACE_S = 5, LIFETIME_S = 3600 /* of processor time, all photos together */ };

static bool failed(const char *what, struct err *reterr)
{
    return err_set(reterr, ERR_INTERNAL, "decoder_jail", "%s: %s", what, strerror(errno));
}

static bool limit(int resource, rlim_t soft, rlim_t hard, const char *name, struct err *reterr)
{
    struct rlimit value = {soft, hard};

    return setrlimit((__rlimit_resource_t)resource, &value) == 0 || failed(name, reterr);
}

static bool set_limits(struct err *reterr)
{
    rlim_t memory = (rlim_t)DECODER_MEMORY_MIB << 20;

    /* RLIMIT_DATA counts what can be written to; RLIMIT_AS would count the reserves of each thread's heap as well. */
    if (!DECODER_JAIL_SANITIZED && (!limit(RLIMIT_DATA, memory, memory, "RLIMIT_DATA", reterr) ||
                                    !limit(RLIMIT_FSIZE, 0, 0, "RLIMIT_FSIZE", reterr)))
        return false;
    return limit(RLIMIT_CPU, LIFETIME_S, LIFETIME_S, "RLIMIT_CPU", reterr) &&
           limit(RLIMIT_CORE, 0, 0, "RLIMIT_CORE", reterr) &&
           limit(RLIMIT_NOFILE, DESCRIPTORS, DESCRIPTORS, "RLIMIT_NOFILE", reterr);
}

/* What decoding needs by itself: memory, threads, time, and talking on what is open. */
static const int ALLOWED[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(poll),
    SCMP_SYS(close),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrandom),
    SCMP_SYS(alarm),
    SCMP_SYS(setitimer), /* what alarm() calls where the kernel has no alarm */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(sysinfo),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

static bool allow(scmp_filter_ctx filter)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof ALLOWED / sizeof *ALLOWED; i++)
        ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, ALLOWED[i], 0) == 0;
    return ok;
}

/* Calls that are harmless with some arguments only. */
static bool allow_some(scmp_filter_ctx filter)
{
    const uint64_t self = (uint64_t)getpid(), code = PROT_EXEC;

    /* clone3 hides its flags in memory, where no filter can look; without it the C library falls back to clone. */
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, self)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, code, 0)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, code, 0)) == 0;
}

static bool filter_calls(struct err *reterr)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool ok = filter && allow(filter) && allow_some(filter) && seccomp_load(filter) == 0;

    if (filter)
        seccomp_release(filter);
    return ok || failed("seccomp", reterr);
}

/* Nothing that a picture makes the libraries say reaches the server's log. */
static bool be_silent(struct err *reterr)
{
    int nowhere = DECODER_JAIL_SANITIZED ? STDERR_FILENO : open("/dev/null", O_WRONLY | O_CLOEXEC);

    return (nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0 && dup2(nowhere, STDERR_FILENO) >= 0 &&
            (DECODER_JAIL_SANITIZED || close(nowhere) == 0)) ||
           failed("/dev/null", reterr);
}

bool decoder_jail_enter(struct err *reterr)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
        return failed("prctl", reterr);
    return be_silent(reterr) && set_limits(reterr) && filter_calls(reterr);
}

void decoder_jail_allow(int seconds)
{
    struct rlimit cpu;
    struct rusage used;

    (void)alarm(seconds ? 2 * (unsigned)seconds + GRACE_S : 0); /* it waits for processors, too */
    if (!seconds || getrlimit(RLIMIT_CPU, &cpu) || getrusage(RUSAGE_SELF, &used))
        return;
    cpu.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1 + seconds);
    if (cpu.rlim_cur > cpu.rlim_max)
        cpu.rlim_cur = cpu.rlim_max;
    (void)setrlimit(RLIMIT_CPU, &cpu);
}
