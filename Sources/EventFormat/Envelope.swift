public import Digests

/// The stored bytes of a payload, which its entry commits to by SHA-256(0x02 ‖ envelope).
///
/// Form 1 (clear) is 16 random bytes, then the payload: without the salt a digest does not let anyone test a guess
/// (promise 8).
public enum Envelope {
    /// The number of random bytes before a clear payload.
    public static let saltByteCount = 16
    /// The most bytes of an envelope.
    public static let maximumByteCount = Payload.maximumByteCount + 4096
    /// The prefix byte of a payload digest.
    public static let prefix: UInt8 = 0x02

    /// Whether what a store has in the place of an envelope of `size` bytes, at least 1, stands for a payload that was
    /// removed: nothing, or as many zeros. No envelope of a payload is so, for its salt is random. O(bytes).
    public static func isRemoved(_ stored: Span<UInt8>, size: UInt64) -> Bool {
        if stored.isEmpty { return size > 0 }
        guard UInt64(stored.count) == size else { return false }
        for index in stored.indices where stored[index] != 0 { return false }
        return true
    }

    /// The digest by which an entry commits to an envelope.
    public static func digest(_ envelope: Span<UInt8>) -> Digest {
        SHA256.hash(prefix: prefix, envelope)
    }

    /// Appends the clear envelope of `payload` to `output` and returns its commitment. `salt` has 16 bytes and is used
    /// once.
    public static func seal(
        clear payload: Payload, salt: Span<UInt8>, into output: inout [UInt8]
    ) -> PayloadCommitment {
        precondition(salt.count == saltByteCount, "a payload salt has 16 bytes")
        let start = output.count
        output.append(collecting: salt)
        return seal(payload, from: start, into: &output)
    }

    /// Appends the clear envelope of `payload`, with a fresh salt, to `output` and returns its commitment.
    public static func seal(clear payload: Payload, into output: inout [UInt8]) -> PayloadCommitment {
        let start = output.count
        RandomBytes.append(count: saltByteCount, to: &output)
        return seal(payload, from: start, into: &output)
    }

    /// Appends `payload` behind its salt, which stands at `start`.
    private static func seal(_ payload: Payload, from start: Int, into output: inout [UInt8]) -> PayloadCommitment {
        output.append(collecting: payload.bytes.span)
        let envelope = output.span.extracting(start..<output.count)
        return PayloadCommitment(
            form: .clear, digest: digest(envelope), size: UInt64(envelope.count), mediaType: payload.mediaType)
    }

    /// The payload of a clear envelope. Throws ``FormatError/Code/truncated`` when it is shorter than its salt.
    public static func open(clear envelope: Span<UInt8>) throws(FormatError) -> [UInt8] {
        guard envelope.count >= saltByteCount else {
            throw FormatError(.truncated, "the envelope has \(envelope.count) bytes; a clear one has at least 16")
        }
        return Array(collecting: envelope.extracting(saltByteCount..<envelope.count))
    }
}
