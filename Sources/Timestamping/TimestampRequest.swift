public import Digests

/// What a time-stamping authority is asked (RFC 3161 §2.4.1): to say when it saw the SHA-256 `imprint`.
///
/// As DER: version 1, the imprint, a nonce that ties the answer to this question, and the wish for the authority's
/// certificate, without which the answer could not be checked later on. Sent as `application/timestamp-query`.
public struct TimestampRequest: Hashable, Sendable {
    /// The SHA-256 of what is to be time-stamped.
    public let imprint: Digest
    /// A positive whole number, most significant byte first, without leading zeros: 8 to 32 bytes.
    public let nonce: [UInt8]

    /// A request with a new nonce of 16 random bytes.
    public init(imprint: Digest) {
        var nonce = RandomBytes.make(count: 16)
        // The first bit is the number's sign; with the second set no other number of bytes can write it.
        nonce[0] = nonce[0] & 0x7f | 0x40
        self.imprint = imprint
        self.nonce = nonce
    }

    /// SEQUENCE { version 1, SEQUENCE { SEQUENCE { sha256, NULL }, OCTET STRING of 32 …
    private static let imprintHead: [UInt8] = [
        0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05,
        0x00, 0x04, 0x20,
    ]
    /// certReq TRUE
    private static let tail: [UInt8] = [0x01, 0x01, 0xff]

    /// The request as DER, some 75 bytes.
    public var bytes: [UInt8] {
        let body =
            TimestampRequest.imprintHead + imprint.bytes + [0x02, UInt8(nonce.count)] + nonce + TimestampRequest.tail
        return [0x30, UInt8(body.count)] + body
    }

    /// Reads what ``bytes`` writes. Throws `malformedRequest` for every other request, those of other tools included.
    public init(_ bytes: [UInt8]) throws(TimestampError) {
        let head = TimestampRequest.imprintHead
        let nonceStart = 2 + head.count + Digest.byteCount + 2
        guard bytes.count > nonceStart, bytes[2...].starts(with: head), (8...32).contains(bytes[nonceStart - 1]),
            let imprint = Digest(bytes: bytes[(2 + head.count)..<(nonceStart - 2)])
        else { throw TimestampRequest.malformed }
        self.imprint = imprint
        nonce = Array(bytes[nonceStart...].prefix(Int(bytes[nonceStart - 1])))
        guard let first = nonce.first, (1...0x7f).contains(first), self.bytes == bytes else {
            throw TimestampRequest.malformed
        }
    }

    private static var malformed: TimestampError {
        TimestampError(
            .malformedRequest, "the bytes are no time-stamp request that was made here: ask for the time-stamp anew")
    }
}
