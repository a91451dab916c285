#define _GNU_SOURCE
#include "FaultInjection.h"
#include "internal.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { DATA, SYNC, META };
enum verdict { PASS, FAIL, HALF, LATE, STOP };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long seen;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void resolve(void) {
    real_pwrite = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    real_writev = (ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
}

static int is_data_file(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path);
    return size > 9 && memcmp(path + size - 9, "/data.mdb", 9) == 0;
}

static void trace(char letter) {
    const char *path = getenv("FAULT_TRACE");
    if (!path) return;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    if (write(fd, &letter, 1) != 1) abort();
    close(fd);
}

/// Counts the call and says what is to become of it; sets errno for those that fail.
static enum verdict judge(enum kind kind) {
    static const char *const names[] = {"data", "sync", "meta"};
    const char *chosen = getenv("FAULT_KIND"), *first = getenv("FAULT_AT"), *count = getenv("FAULT_COUNT");
    const char *action = getenv("FAULT_ACTION");
    if (!chosen || !first || !action || strcmp(chosen, names[kind]) != 0) return PASS;
    pthread_mutex_lock(&lock);
    long number = ++seen;
    pthread_mutex_unlock(&lock);
    long at = atol(first), times = count ? atol(count) : 1;
    if (at <= 0 || number < at || (times > 0 && number >= at + times)) return PASS;
    errno = strcmp(action, "ENOSPC") == 0 ? ENOSPC : EIO;
    // raise, not kill: the signal is this thread's own, so that it does not run on and make the call.
    if (strcmp(action, "kill") == 0) raise(SIGKILL);
    if (strcmp(action, "stop") == 0) return raise(SIGSTOP), PASS;
    if (strcmp(action, "stopBehind") == 0) return STOP;
    if (strcmp(action, "short") == 0) return HALF;
    if (strcmp(action, "late") == 0 && number == at) return LATE;
    return FAIL;
}

/// A failed call's result; `errno` is kept over the trace.
static ssize_t failed(ssize_t result, int error) {
    trace('!');
    errno = error;
    return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    if (!is_data_file(fd)) return write_other_at(fd, bytes, count, offset);
    enum kind kind = count < 4096 ? META : DATA;
    enum verdict verdict = judge(kind);
    int error = errno;
    if (verdict == FAIL) return failed(-1, error);
    if (verdict == HALF) return failed(real_pwrite(fd, bytes, count / 2, offset), error);
    ssize_t result = real_pwrite(fd, bytes, count, offset);
    if (verdict == LATE) return failed(-1, error);
    if (verdict == STOP) raise(SIGSTOP);
    if (result == (ssize_t)count) trace(kind == DATA ? 'd' : fcntl(fd, F_GETFL) & O_DSYNC ? 'm' : 'x');
    return result;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) { return pwrite(fd, bytes, count, offset); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!is_data_file(fd)) return real_writev(fd, parts, count);
    enum verdict verdict = judge(DATA);
    int error = errno;
    if (verdict == FAIL) return failed(-1, error);
    if (verdict == HALF) return failed(real_writev(fd, parts, count / 2), error);
    ssize_t result = real_writev(fd, parts, count);
    if (verdict == LATE) return failed(-1, error);
    if (result > 0) trace('d');
    return result;
}

int fdatasync(int fd) {
    if (!is_data_file(fd)) return flush_other(fd);
    enum verdict verdict = judge(SYNC);
    int error = errno;
    if (verdict == FAIL || verdict == HALF) return (int)failed(-1, error);
    int result = real_fdatasync(fd);
    if (verdict == LATE) return (int)failed(-1, error);
    if (result == 0) trace('s');
    return result;
}
