#pragma once
#include <sys/types.h>

/// Starts `program` with `arguments`, which end with NULL, in this process's environment. The three descriptors become its standard streams; no signal is
/// blocked or ignored in it. Returns 0 and its id in `process`, or an error number. `environ`, which posix_spawn needs, is shared mutable state to Swift.
int CShims_spawn(const char *_Nonnull program, char *_Nullable const *_Nonnull arguments,
                 int input, int output, int error, pid_t *_Nonnull process);

/// Has the kernel kill this process when `parent`, the process that started it, ends; ends it at once when that has happened already. prctl is variadic, which
/// Swift does not import.
void CShims_die_with_parent(pid_t parent);

/// From now on an interrupt, a hang-up and a request to terminate, unless it is ignored, no longer ends the process: its number comes as a byte from the
/// descriptor that this returns; -1 when there is none left. A handler of signals may do next to nothing else.
int CShims_read_signals(void);

/// Ends this process by the signal, whatever was set for it.
void CShims_end_by_signal(int number);
