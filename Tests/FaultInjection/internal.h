// What the library's files say to each other; none of it is exported.
#pragma once
#include <sys/types.h>

#define HIDDEN __attribute__((visibility("hidden")))

/// `pwrite` and `fdatasync` on files other than a ledger's data file.
HIDDEN ssize_t write_other_at(int fd, const void *bytes, size_t count, off_t offset);
HIDDEN int flush_other(int fd);
