import Signing

/// The key behind `PRIVATE+KEY+<name>+<key ID>+<base64 of 01 and 32 bytes>`, as the Go tests write keys.
struct PrivateSeed {
    let key: PrivateKey

    init(_ payload: [UInt8]) throws {
        key = try PrivateKey(ed25519Seed: Array(payload.dropFirst()))
    }
}
