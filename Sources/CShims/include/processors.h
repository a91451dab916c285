#pragma once

/// The number of processors that the process may run on; at least 1. sched_getaffinity needs _GNU_SOURCE, which Swift's Glibc module does not set.
int CShims_processor_count(void);
