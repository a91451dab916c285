#pragma once
#include <stddef.h>
#include <stdint.h>

// SHA-256 in one call over a one-byte domain prefix and one or two runs of bytes.
//
// These use libcrypto's SHA256_* functions, whose state is a plain struct on the stack. The EVP interface allocates and
// looks up a provider for each digest, which a tree node of 65 bytes is too small to pay for
// (docs/decisions/0003-sha256-interface.md).

/// Writes SHA-256(prefix || bytes) to `digest` (32 bytes).
void CShims_sha256(uint8_t prefix, const void *_Nullable bytes, size_t count, uint8_t *_Nonnull digest);

/// Writes SHA-256(prefix || first || second) to `digest` (32 bytes).
void CShims_sha256_pair(uint8_t prefix, const void *_Nullable first, size_t firstCount,
                        const void *_Nullable second, size_t secondCount, uint8_t *_Nonnull digest);

/// Writes SHA-256(bytes), without a prefix, to `digest` (32 bytes).
void CShims_sha256_plain(const void *_Nullable bytes, size_t count, uint8_t *_Nonnull digest);

/// A hash under way, for bytes that come in parts. NULL when there is no memory.
void *_Nullable CShims_sha256_begin(void);
void CShims_sha256_add(void *_Nonnull hash, const void *_Nullable bytes, size_t count);
/// Writes the digest (32 bytes), or only frees when `digest` is NULL. Frees `hash`.
void CShims_sha256_end(void *_Nonnull hash, uint8_t *_Nullable digest);
