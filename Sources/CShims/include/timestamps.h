#pragma once
#include <stddef.h>
#include <stdint.h>
#include <time.h>

// Time-stamps of RFC 3161 by libcrypto's TS_* functions, which take and give objects that Swift could only hold by
// hand. Nothing is kept between calls, and all bytes are read during the call only.

enum {
    CShims_timestamp_right = 0,
    /// The request, the response or the anchors cannot be read.
    CShims_timestamp_bad_request,
    CShims_timestamp_bad_response,
    CShims_timestamp_bad_anchors,
    /// The response says that no token was made; `number` is its PKIStatus, `detail` its text.
    CShims_timestamp_refused,
    /// libcrypto refused the token; `number` is its reason (TS_R_… of <openssl/tserr.h>, 0 for another library's).
    CShims_timestamp_wrong,
    /// There is no memory.
    CShims_timestamp_failed,
};

/// What a response says, as text that ends with NUL and is cut when it is longer.
struct CShims_timestamp {
    int number;
    /// GeneralizedTime as it stands in the token.
    char time[64];
    /// In microseconds; -1 when the token states none.
    int64_t accuracy;
    /// Hexadecimal.
    char serial[96];
    /// Dotted numbers.
    char policy[256];
    /// The subject of the signer's certificate (RFC 4514), empty until the response is verified.
    char authority[1024];
    /// What went wrong in the words of the authority or of libcrypto.
    char detail[512];
};

/// Reads the response, without any trust in it.
int CShims_timestamp_read(const uint8_t *_Nullable response, size_t count, struct CShims_timestamp *_Nonnull result);

/// Verifies the response for the request: status, version, imprint, nonce, the signature, and the chain of certificates to
/// one of the PEM certificates in `anchors` as of `time`, the signer's being for time-stamping only.
int CShims_timestamp_verify(const uint8_t *_Nullable request, size_t requestCount,
                            const uint8_t *_Nullable response, size_t responseCount,
                            const uint8_t *_Nullable anchors, size_t anchorsCount,
                            time_t time, struct CShims_timestamp *_Nonnull result);
