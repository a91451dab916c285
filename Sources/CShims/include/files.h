#pragma once

/// syncfs(2), which the system's module does not declare: writes all data of the file system that `descriptor` is on.
int CShims_syncfs(int descriptor);
