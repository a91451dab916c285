#pragma once

/// The number of processors that the process may run on; at least 1. sched_getaffinity needs _GNU_SOURCE, which Swift's Glibc module does not set.
int CShims_processor_count(void);

/// Lets timed waits of the calling thread end within microseconds instead of the system's usual 50; prctl is variadic, which Swift cannot call.
void CShims_use_precise_timers(void);

/// Keeps the calling thread, and those that it starts from now on, on the first `count` of the processors that it may run on. Returns how many these are.
int CShims_use_processors(int count);
