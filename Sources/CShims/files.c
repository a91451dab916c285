#define _GNU_SOURCE
#include "files.h"
#include <unistd.h>

int CShims_syncfs(int descriptor) { return syncfs(descriptor); }
