/// A library for LD_PRELOAD that makes the writes and flushes of a ledger's data file fail, or the calls that make,
/// write, flush, rename and remove other files. It exports the C library's own names only.
///
/// | variable | meaning |
/// |---|---|
/// | FAULT_KIND | what fails: `data` (pages), `sync` (fdatasync), `meta` (the meta page), `file` (calls on other files) |
/// | FAULT_FOLDER | for `file`: only calls on what lies in this folder or below, LMDB's files left out |
/// | FAULT_AT | which call of that kind, from 1; absent or 0: none |
/// | FAULT_COUNT | how many calls from there on fail; 0: all; absent: 1, of `short` on a `file` 2 |
/// | FAULT_ACTION | `EIO`, `ENOSPC`, `short` (half is written), `late` (done, then EIO), `kill`, `stop` (SIGSTOP), `stopBehind` (written, then SIGSTOP) |
/// | FAULT_TRACE | a file that gets one letter a call: d, s, m (meta page, synced), x (not synced), ! (failed) |
///
///
/// After a `late` call the next ones that fail are not done. Of `file`, `short` has a write take half and the call after
/// it fail with ENOSPC; other calls fail with ENOSPC at once.
#pragma once
