internal import CCrypto
internal import CShims
internal import Digests

/// What a time-stamping authority answered (RFC 3161 §2.4.2), as received (`application/timestamp-reply`).
///
/// It can be verified at any time later from the request, the response and the trust anchors alone: certificates are
/// judged as of the time that the token states. Whether the authority's key has been revoked or broken since is not
/// looked up: a time-stamp proves what its authority could be trusted with at the time.
public struct TimestampResponse: Hashable, Sendable {
    /// Longer responses are refused before they are looked at.
    public static let byteLimit = 1 << 20

    public let bytes: [UInt8]

    /// Takes the bytes as they are; nothing is checked before ``verify(_:anchors:policy:)``.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Verifies that the response answers `request` and was signed by an authority that leads to `anchors`.
    ///
    /// Checked: the status, version, imprint, nonce and, if given, `policy` (dotted numbers); the signature with the
    /// signer's certificate, which the signature must cover; its extended key usage, critical and of time-stamping
    /// only; the chain to one of `anchors` (certificates in PEM), valid at the stated time, of at least 112 bits of
    /// security. Takes about a millisecond. Throws a ``TimestampError`` that says which check failed.
    public func verify(
        _ request: TimestampRequest, anchors: [UInt8], policy: String? = nil
    ) throws(TimestampError) -> VerifiedTimestamp {
        let stated = try time()
        var result = CShims_timestamp()
        let question = request.bytes
        // The call reads the arrays and fills the struct during the call only.
        let answer = unsafe question.withUnsafeBufferPointer { question in
            unsafe bytes.withUnsafeBufferPointer { reply in
                unsafe anchors.withUnsafeBufferPointer { anchors in
                    unsafe CShims_timestamp_verify(
                        question.baseAddress, question.count, reply.baseAddress, reply.count, anchors.baseAddress,
                        anchors.count, time_t(stated.seconds), &result)
                }
            }
        }
        guard Int(answer) == CShims_timestamp_right else { throw TimestampError(Int(answer), result) }
        let timestamp = VerifiedTimestamp(time: stated, result)
        if let policy, timestamp.policy != policy {
            throw TimestampError(
                .wrongPolicy,
                "the time-stamp was made under policy \(timestamp.policy), not \(policy): ask for that one")
        }
        return timestamp
    }

    /// The time that the response states, trusted by nobody yet.
    private func time() throws(TimestampError) -> TimestampTime {
        guard bytes.count <= TimestampResponse.byteLimit else {
            throw TimestampError(
                .malformedResponse, "the time-stamp response has \(bytes.count) bytes; at most 1048576 are read")
        }
        var result = CShims_timestamp()
        let answer = unsafe bytes.withUnsafeBufferPointer { reply in
            unsafe CShims_timestamp_read(reply.baseAddress, reply.count, &result)
        }
        guard Int(answer) == CShims_timestamp_right else { throw TimestampError(Int(answer), result) }
        guard let time = TimestampTime(generalized: text(of: result.time)) else {
            throw TimestampError(.malformedResponse, "the time-stamp states no time of the form YYYYMMDDhhmmss[.f]Z")
        }
        return time
    }
}

/// The text in a C array of characters, up to its NUL.
private func text<Characters>(of characters: Characters) -> String {
    // The tuple's own bytes are copied.
    unsafe withUnsafeBytes(of: characters) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

extension VerifiedTimestamp {
    fileprivate init(time: TimestampTime, _ result: CShims_timestamp) {
        self.init(
            seconds: time.seconds, microseconds: time.microseconds,
            accuracyMicroseconds: result.accuracy < 0 ? nil : result.accuracy, serial: text(of: result.serial),
            policy: text(of: result.policy), authority: text(of: result.authority))
    }
}

extension TimestampError {
    fileprivate init(_ answer: Int, _ result: CShims_timestamp) {
        // The authority's words may come to a terminal, which must not act on them.
        let words = text(of: result.detail).unicodeScalars.map { $0.isASCII && $0.value < 0x7f ? $0 : "?" }
        let detail = String(String.UnicodeScalarView(words.map { $0.value < 0x20 ? "?" : $0 }))
        switch answer {
        case CShims_timestamp_bad_request:
            self.init(.malformedRequest, "libcrypto does not read the time-stamp request")
        case CShims_timestamp_bad_response:
            self.init(
                .malformedResponse,
                "the bytes are no time-stamp response, or one that is cut off: ask the authority again")
        case CShims_timestamp_bad_anchors:
            self.init(
                .malformedAnchors, "the trust anchors are no certificates in PEM: give at least one, each of them whole"
            )
        case CShims_timestamp_refused:
            self.init(
                .refused,
                "the authority made no time-stamp (status \(result.number)"
                    + "\(detail.isEmpty ? "" : ": \(detail)")): see its rules")
        case CShims_timestamp_wrong:
            self.init(TimestampError.code(reason: result.number), "the time-stamp is not right: \(detail)")
        default: self.init(.failed, "libcrypto had no memory to verify a time-stamp")
        }
    }

    private static func code(reason: Int32) -> Code {
        switch reason {
        case TS_R_MESSAGE_IMPRINT_MISMATCH: .wrongImprint
        case TS_R_NONCE_MISMATCH, TS_R_NONCE_NOT_RETURNED: .wrongNonce
        case TS_R_POLICY_MISMATCH: .wrongPolicy
        case TS_R_CERTIFICATE_VERIFY_ERROR: .untrusted
        default: .wrongSignature
        }
    }
}
