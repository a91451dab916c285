#define OPENSSL_API_COMPAT 0x10100000L
#include "sha256.h"
#include <openssl/sha.h>
#include <stdlib.h>

void CShims_sha256(uint8_t prefix, const void *bytes, size_t count, uint8_t *digest) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, &prefix, 1);
    if (count > 0) SHA256_Update(&context, bytes, count);
    SHA256_Final(digest, &context);
}

void CShims_sha256_pair(uint8_t prefix, const void *first, size_t firstCount,
                        const void *second, size_t secondCount, uint8_t *digest) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, &prefix, 1);
    if (firstCount > 0) SHA256_Update(&context, first, firstCount);
    if (secondCount > 0) SHA256_Update(&context, second, secondCount);
    SHA256_Final(digest, &context);
}

void CShims_sha256_plain(const void *bytes, size_t count, uint8_t *digest) {
    SHA256_CTX context;
    SHA256_Init(&context);
    if (count > 0) SHA256_Update(&context, bytes, count);
    SHA256_Final(digest, &context);
}

void *CShims_sha256_begin(void) {
    SHA256_CTX *context = malloc(sizeof *context);
    if (context) SHA256_Init(context);
    return context;
}

void CShims_sha256_add(void *hash, const void *bytes, size_t count) {
    if (count > 0) SHA256_Update(hash, bytes, count);
}

void CShims_sha256_end(void *hash, uint8_t *digest) {
    if (digest) SHA256_Final(digest, hash);
    free(hash);
}
