#pragma once
#include <stddef.h>
#include <stdint.h>

/// Where the first `byte` among `count` bytes stands; `count` when there is none. memchr(3), which looks at 32 at a time.
size_t CShims_find_byte(uint8_t byte, const void *_Nullable bytes, size_t count);
