#define _GNU_SOURCE
#include "FaultInjection.h"
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

/// Counts the call; returns 1 with errno set when it is to fail.
static int fails(void) {
    const char *first = getenv("FAULT_AT"), *count = getenv("FAULT_COUNT"), *action = getenv("FAULT_ACTION");
    if (!first || !action) return 0;
    pthread_mutex_lock(&lock);
    long number = ++seen;
    pthread_mutex_unlock(&lock);
    long at = atol(first), times = count ? atol(count) : 1;
    if (at <= 0 || number < at || (times > 0 && number >= at + times)) return 0;
    if (strcmp(action, "kill") == 0) raise(SIGKILL);
    trace();
    errno = strcmp(action, "ENOSPC") == 0 ? ENOSPC : EIO;
    return 1;
}

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

ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd, bytes, count);
}

int fchmod(int fd, mode_t mode) {
    REAL(int, "fchmod", int, mode_t);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd, mode);
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd);
}

int syncfs(int fd) {
    REAL(int, "syncfs", int);
    return is_chosen_descriptor(fd) && fails() ? -1 : real(fd);
}

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
