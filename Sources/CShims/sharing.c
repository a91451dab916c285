#define _GNU_SOURCE
#include "sharing.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void CShims_futex_wait(uint32_t *word, uint32_t expected, int64_t nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    syscall(SYS_futex, word, FUTEX_WAIT, expected, &time, NULL, 0);
}

void CShims_futex_wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0); }

static struct flock one_byte(int64_t offset) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    return lock;
}

int CShims_lock_byte(int descriptor, int64_t offset) {
    struct flock lock = one_byte(offset);
    return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int CShims_is_byte_locked(int descriptor, int64_t offset) {
    struct flock lock = one_byte(offset);
    return fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
