#include "bytes.h"
#include <string.h>

size_t CShims_find_byte(uint8_t byte, const void *bytes, size_t count) {
    const uint8_t *found = count > 0 ? memchr(bytes, byte, count) : NULL;
    return found ? (size_t)(found - (const uint8_t *)bytes) : count;
}
