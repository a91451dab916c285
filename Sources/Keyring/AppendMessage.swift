public import Digests
public import EventFormat
public import Signing

/// What a source signs of an append: the ledger's identity and the source digests of its events in their order.
///
/// ASCII `mohur/append/v1` ‖ identity (32 bytes) ‖ count (8 bytes) ‖ the digests. It has no positions, so a source can
/// sign before it knows them; the identity ties it to one ledger, the ids in the digests make it good for one time.
public enum AppendMessage {
    /// The first bytes of every message.
    public static let prefix = Array("mohur/append/v1".utf8)
    /// The most events that one signature covers, as many as one append may have.
    public static let maximumCount = 10_000

    /// The message over `digests` in the ledger whose entry 0 has the leaf hash `identity`. O(n).
    public static func bytes(identity: Digest, digests: some Collection<Digest>) -> [UInt8] {
        var message = prefix
        message.reserveCapacity(prefix.count + Digest.byteCount * (digests.count + 1) + 8)
        identity.append(to: &message)
        message.append(bigEndian: UInt64(digests.count))
        for digest in digests { digest.append(to: &message) }
        return message
    }

    /// The signature over an append, as its last entry carries it; 1 to ``maximumCount`` digests. May block as long as
    /// the signer does.
    public static func sign(
        identity: Digest, digests: some Collection<Digest>, with signer: some Signer
    ) throws(SigningError) -> AppendSignature {
        precondition((1...maximumCount).contains(digests.count), "a signature covers 1 to 10,000 events")
        let message = bytes(identity: identity, digests: digests)
        return AppendSignature(
            count: UInt64(digests.count), keyID: signer.publicKey.id.bytes, signature: try signer.sign(message.span))
    }
}
