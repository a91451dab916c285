public import Digests

/// The name of a public key: SHA-256 of `mohur/key/v1`, the algorithm's number and the key's bytes.
public struct KeyID: Hashable, Sendable {
    /// The number of bytes of every key id.
    public static let byteCount = Digest.byteCount

    public let digest: Digest

    public init(_ digest: Digest) { self.digest = digest }

    /// The id of the key `bytes` of `algorithm`.
    public init(algorithm: SignatureAlgorithm, publicKey bytes: [UInt8]) {
        let named = Array("mohur/key/v1".utf8) + [algorithm.rawValue] + bytes
        digest = SHA256.hash(named.span)
    }

    /// Takes `bytes`, or returns nil when they are not exactly 32.
    public init?(bytes: some Collection<UInt8>) {
        guard let digest = Digest(bytes: bytes) else { return nil }
        self.digest = digest
    }

    /// Reads exactly 64 hexadecimal digits of either case, or returns nil.
    public init?(hex: String) {
        guard let digest = Digest(hex: hex) else { return nil }
        self.digest = digest
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { digest.bytes }
    /// Sixty-four lowercase hexadecimal digits.
    public var hex: String { digest.hex }
}

extension KeyID: CustomStringConvertible {
    public var description: String { hex }
}
