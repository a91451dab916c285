/// The generator SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014), 8
/// bytes of state.
///
/// Only integer operations and correctly rounded IEEE 754 arithmetic follow from it here, so that a seed gives the
/// same values on every machine.
struct SplitMix64: Sendable {
    /// 2⁶⁴ divided by the golden ratio, made odd.
    private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    mutating func next() -> UInt64 {
        state &+= SplitMix64.step
        return SplitMix64.mix(state)
    }

    /// The value that a generator with the seed `key` gives after `index` others: one key opens a family of
    /// independent keys.
    static func derive(_ key: UInt64, _ index: UInt64) -> UInt64 {
        mix(key &+ SplitMix64.step &* (index &+ 1))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}

// MARK: - Distributions

extension SplitMix64 {
    /// A whole number from 0 up to, not including, `bound`; the bias is below `bound` / 2⁶⁴.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a choice needs something to choose from")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A whole number of `range`.
    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// True in `percent` of 100 cases.
    mutating func chance(_ percent: Int) -> Bool {
        below(100) < percent
    }

    /// A number of 53 bits from 0 up to, not including, 1.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A number of the exponential distribution with mean 1, by von Neumann's comparisons (1951), which need no
    /// logarithm.
    mutating func exponential() -> Double {
        var whole = 0.0
        while true {
            let first = unit()
            var previous = first
            var run = 1
            while true {
                let following = unit()
                if following >= previous { break }
                previous = following
                run += 1
            }
            if run % 2 == 1 { return whole + first }
            whole += 1
        }
    }
}
