/// Which 32 bytes may be a public key of Ed25519, as far as the bytes alone tell.
enum Ed25519Encoding {
    /// The prime of the field, 2²⁵⁵ − 19; its least byte stands first, as in keys.
    private static let prime = [0xed] + [UInt8](repeating: 0xff, count: 30) + [0x7f]

    /// The y of the points whose order divides 8: 0, 1, −1, and that of the four of order 8.
    private static let smallOrder: Set<[UInt8]> = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
            0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
            0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ]

    /// Throws `weakPublicKey` for the points of small order, under which anybody can sign anything, and
    /// `malformedPublicKey` when y is not below the field's prime (RFC 8032 §5.1.3): one point has one encoding.
    static func check(_ bytes: [UInt8]) throws(SigningError) {
        var y = bytes
        y[31] &= 0x7f
        guard y.reversed().lexicographicallyPrecedes(prime.reversed()) else {
            throw SigningError(
                .malformedPublicKey,
                "the bytes are no public key of ed25519: their number is not below 2^255 - 19 (RFC 8032 §5.1.3)")
        }
        guard !smallOrder.contains(y) else {
            throw SigningError(
                .weakPublicKey,
                "the bytes are a point of small order, a public key of ed25519 under which anybody can sign: do not "
                    + "trust whoever gave it, and ask for another key")
        }
    }
}
