#pragma once

// X509_SIG, by its tag: including OpenSSL's headers here would have every module that uses this one read them.
struct X509_sig_st;

/// How much work the passphrase of an encrypted private key demands: 1 when it is PBES2 (RFC 8018) with PBKDF2 of at most
/// `iterations` rounds or scrypt of at most 16 blocks (libcrypto bounds its memory itself), 0 when it is more, -1 when it is another
/// scheme. Item templates and unions of libcrypto are clumsy in Swift.
int CShims_pbes2_is_bounded(const struct X509_sig_st *_Nonnull key, long iterations);
