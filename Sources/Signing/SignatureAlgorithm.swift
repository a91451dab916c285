/// A kind of signature, by the number that stands for it wherever a key or a signature is recorded.
///
/// Open: a number without a meaning here can be read and written, but neither verified nor signed with.
public struct SignatureAlgorithm: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Ed25519 (RFC 8032 §5.1): one message has one signature.
    public static let ed25519 = SignatureAlgorithm(rawValue: 1)
    /// ECDSA on P-256 with SHA-256 (FIPS 186-5), signatures as r ‖ s.
    public static let ecdsaP256 = SignatureAlgorithm(rawValue: 2)

    /// Those that this module verifies and signs with.
    public static let all: [SignatureAlgorithm] = [.ed25519, .ecdsaP256]
}

extension SignatureAlgorithm: CustomStringConvertible {
    /// The algorithm that `name` stands for in JSON and on the command line, or nil.
    public init?(name: some StringProtocol) {
        guard let known = SignatureAlgorithm.all.first(where: { $0.name == String(name) }) else { return nil }
        self = known
    }

    /// `ed25519`, `ecdsa-p256`, or the number of one that is unknown here.
    public var name: String {
        switch self {
        case .ed25519: "ed25519"
        case .ecdsaP256: "ecdsa-p256"
        default: "\(rawValue)"
        }
    }

    public var description: String { name }

    /// The number of bytes of a public key, nil when the algorithm is unknown here.
    public var publicKeyByteCount: Int? {
        switch self {
        case .ed25519: 32
        case .ecdsaP256: 65
        default: nil
        }
    }

    /// The number of bytes of every signature that this module makes and verifies.
    public static let signatureByteCount = 64
}
