#pragma once
#include <sqlite3.h>

/// Gives a connection `count` pieces of `size` bytes for its small allocations; to be called before it has prepared a
/// statement. sqlite3_db_config takes variable arguments, which Swift cannot pass.
static inline int CSQLite_set_lookaside(sqlite3 *_Nonnull connection, int size, int count) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_LOOKASIDE, (void *)0, size, count);
}
