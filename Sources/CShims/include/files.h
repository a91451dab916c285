#pragma once

/// Writes to disk what is not yet there of the file system that the descriptor is on; 0, or -1 with errno. syncfs needs _GNU_SOURCE, which Swift's Glibc
/// module does not set.
int CShims_syncfs(int descriptor);
