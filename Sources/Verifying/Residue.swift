/// A number modulo the prime 2¹²⁷ − 1. Arithmetic without branches; a few nanoseconds a product.
struct Residue: Sendable {
    /// 2¹²⁷ − 1.
    static var modulus: UInt128 { UInt128.max >> 1 }
    static var one: Residue { Residue(folding: 1) }

    /// At most the modulus, which stands for zero as 0 does.
    private let value: UInt128

    /// The residue of `number`, which must not be 2¹²⁸ − 1.
    @inline(__always)
    init(folding number: UInt128) {
        value = Residue.folded(number)
    }

    /// The same modulo 2¹²⁷ − 1, at most that unless `number` is 2¹²⁸ − 1: the highest bit, 2¹²⁷, counts as one.
    @inline(__always)
    static func folded(_ number: UInt128) -> UInt128 {
        (number & modulus) &+ (number >> 127)
    }

    /// The number, below the modulus.
    var number: UInt128 {
        @inline(__always) get { value == Residue.modulus ? 0 : value }
    }

    @inline(__always)
    static func * (left: Residue, right: Residue) -> Residue {
        let (leftHigh, leftLow) = (left.value >> 64, left.value & 0xffff_ffff_ffff_ffff)
        let (rightHigh, rightLow) = (right.value >> 64, right.value & 0xffff_ffff_ffff_ffff)
        // Both high halves are below 2⁶³, so these sums and products fit 128 bits.
        let cross = leftHigh &* rightLow &+ leftLow &* rightHigh
        let low = folded(leftLow &* rightLow)
        // cross · 2⁶⁴: its bits from the 63rd on come to lie at 2¹²⁷ ≡ 1.
        let middle = folded(low &+ (cross & 0x7fff_ffff_ffff_ffff) << 64)
        // 2¹²⁸ ≡ 2. At most 2¹²⁸ − 2: the modulus, 2 · (2⁶³ − 1)² and 2⁶⁵ − 4.
        return Residue(folding: middle &+ leftHigh &* rightHigh &* 2 &+ cross >> 63)
    }
}

extension Residue: Equatable {
    static func == (left: Residue, right: Residue) -> Bool { left.number == right.number }
}
