/// Something that signs with one key, wherever the key is held: in memory (``PrivateKey``), in a token, elsewhere.
public protocol Signer: Sendable {
    /// The key that verifies what this signs.
    var publicKey: PublicKey { get }

    /// The 64 bytes of the signature over `message`. May block, for a token as long as it takes: call it off Swift's
    /// cooperative threads.
    func sign(_ message: Span<UInt8>) throws(SigningError) -> [UInt8]
}
