#pragma once
#include <stdint.h>

/// futex(2) on memory that processes share: sleeps while `*word` is `expected`, at most `nanoseconds`.
void CShims_futex_wait(uint32_t *word, uint32_t expected, int64_t nanoseconds);
/// Wakes all that sleep on `word`.
void CShims_futex_wake(uint32_t *word);

/// Takes the lock of one byte for this open file (F_OFD_SETLK in fcntl(2)); 0 when it is taken, -1 when another has it.
int CShims_lock_byte(int descriptor, int64_t offset);
/// Whether another open file has the lock of the byte.
int CShims_is_byte_locked(int descriptor, int64_t offset);
