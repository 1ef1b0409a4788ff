// A disk and a clock that misbehave: preloaded, and told by two variables at each call.
//   SHIM_FSYNC=EIO:5:1      the fifth fsync fails, and none after it
//   SHIM_FSYNC=EINVAL:dirs  folders know no fsync
//   SHIM_CLOCK=86400        the wall clock jumps a day ahead and back again at every look
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static atomic_int calls, looks;

static int refuses(int descriptor) {
    const char *said = getenv("SHIM_FSYNC");
    if (said == NULL) return 0;
    const char *which = strchr(said, ':');
    struct stat facts;
    if (strcmp(which, ":dirs") == 0)
        return fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode);
    int first = atoi(which + 1), count = atoi(strchr(which + 1, ':') + 1);
    int now = atomic_fetch_add(&calls, 1) + 1;
    return now >= first && now < first + count;
}

int fsync(int descriptor) {
    if (refuses(descriptor)) {
        errno = strncmp(getenv("SHIM_FSYNC"), "EIO", 3) == 0 ? EIO : EINVAL;
        return -1;
    }
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    return real(descriptor);
}

int clock_gettime(clockid_t clock, struct timespec *when) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int answer = real(clock, when);
    const char *said = getenv("SHIM_CLOCK");
    if (said != NULL && clock == CLOCK_REALTIME && atomic_fetch_add(&looks, 1) % 2)
        when->tv_sec += atoi(said);
    return answer;
}
