#define _GNU_SOURCE
#include "FaultInjection.h"
#include "internal.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The calls by which files other than the ledger's own come to be, in the order in which a process makes them.

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long seen;

static int ends_with(const char *text, const char *end) {
    size_t size = strlen(text), length = strlen(end);
    return size >= length && strcmp(text + size - length, end) == 0;
}

static int is_chosen(const char *path) {
    const char *folder = getenv("FAULT_FOLDER"), *kind = getenv("FAULT_KIND");
    if (!folder || !kind || strcmp(kind, "file") != 0 || !path) return 0;
    return strncmp(path, folder, strlen(folder)) == 0 && !ends_with(path, "/data.mdb") && !ends_with(path, "/lock.mdb");
}

static int is_chosen_descriptor(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return is_chosen(path);
}

static void trace(void) {
    const char *path = getenv("FAULT_TRACE");
    if (!path) return;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    if (write(fd, "!", 1) != 1) abort();
    close(fd);
}

enum verdict { PASS, FAIL, HALF };

/// Counts the call and says what is to become of it, with errno set for those that fail. A disk that is full takes a
/// part of a write and nothing afterwards: `short` lets the first call write half, and the call after it fail.
static enum verdict judge(int writes) {
    const char *first = getenv("FAULT_AT"), *count = getenv("FAULT_COUNT"), *action = getenv("FAULT_ACTION");
    if (!first || !action) return PASS;
    pthread_mutex_lock(&lock);
    long number = ++seen;
    pthread_mutex_unlock(&lock);
    int is_short = strcmp(action, "short") == 0;
    long at = atol(first), times = count ? atol(count) : is_short ? 2 : 1;
    if (at <= 0 || number < at || (times > 0 && number >= at + times)) return PASS;
    if (strcmp(action, "kill") == 0) raise(SIGKILL);
    trace();
    errno = is_short || strcmp(action, "ENOSPC") == 0 ? ENOSPC : EIO;
    return is_short && writes && number == at ? HALF : FAIL;
}

static int fails(void) { return judge(0) != PASS; }

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int open_file(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    if (flags & O_CREAT && is_chosen(path) && fails()) return -1;
    return real(path, flags, mode);
}

#define MODE(flags, mode) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list list; \
        va_start(list, flags); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    }

int open(const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_file("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_file("open64", path, flags, mode);
}

/// Writes at the file's own place when `offset` is negative.
static ssize_t write_file(int fd, const void *bytes, size_t count, off_t offset) {
    REAL(ssize_t, "write", int, const void *, size_t);
    static ssize_t (*real_at)(int, const void *, size_t, off_t);
    if (!real_at) real_at = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    if (is_chosen_descriptor(fd)) {
        enum verdict verdict = judge(1);
        if (verdict == FAIL || (verdict == HALF && count < 2)) return -1;
        if (verdict == HALF) count /= 2;
    }
    return offset < 0 ? real(fd, bytes, count) : real_at(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count) { return write_file(fd, bytes, count, -1); }

ssize_t write_other_at(int fd, const void *bytes, size_t count, off_t offset) {
    return write_file(fd, bytes, count, offset);
}

int fchmod(int fd, mode_t mode) {
    REAL(int, "fchmod", int, mode_t);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd, mode);
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd);
}

int flush_other(int fd) {
    REAL(int, "fdatasync", int);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd);
}

int syncfs(int fd) {
    REAL(int, "syncfs", int);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd);
}

int ftruncate(int fd, off_t size) {
    REAL(int, "ftruncate", int, off_t);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd, size);
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    return is_chosen(to) && fails() ? -1 : real(from, to);
}

int link(const char *from, const char *to) {
    REAL(int, "link", const char *, const char *);
    return is_chosen(to) && fails() ? -1 : real(from, to);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    return is_chosen(path) && fails() ? -1 : real(path);
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    return is_chosen(path) && fails() ? -1 : real(path, mode);
}

int rmdir(const char *path) {
    REAL(int, "rmdir", const char *);
    return is_chosen(path) && fails() ? -1 : real(path);
}
