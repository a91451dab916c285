internal import Digests
internal import EventFormat

/// The secret of one verification's products: the random numbers behind ``MultisetProduct``.
///
/// A thing is a list of words of 64 bits, w₁ … wₘ, which stand at fixed places (shorter lists have zeros behind their
/// end), and f of it is ∑ kᵢ · wᵢ modulo 2¹²⁷ − 1 with independent kᵢ, uniform below 2¹¹⁴. For two lists that differ,
/// at most one value of one kᵢ gives them the same sum, whatever the other keys are: a probability of at most 2⁻¹¹⁴
/// (J. L. Carter and M. N. Wegman, "Universal classes of hash functions", 1979).
final class ProductKey: Sendable {
    private let root: UInt128
    /// For revision, index and leaf hash, or for id and index.
    private let factors: InlineArray<6, Factor>
    /// For the length of a stream's name and its 255 bytes.
    private let nameFactors: InlineArray<33, Factor>

    init() {
        let random = RandomBytes.make(count: 40 * 16)
        func pair(_ number: Int) -> (UInt64, UInt64) {
            (random.span.bigEndian(at: number * 16), random.span.bigEndian(at: number * 16 + 8))
        }
        let (high, low) = pair(0)
        root = UInt128(high >> 1) << 64 | UInt128(low)
        factors = InlineArray { Factor(pair(1 + $0)) }
        nameFactors = InlineArray { Factor(pair(7 + $0)) }
    }

    /// What a stream's name adds to f of things that are about the stream. Of a name of more than 255 bytes, which no
    /// entry has, it takes the length and the beginning.
    func hash(stream name: Span<UInt8>) -> StreamHash {
        var sum = WordSum()
        sum.add(UInt64(name.count), nameFactors[0])
        let count = min(name.count, StreamName.maximumByteCount)
        var place = 0
        var position = 1
        while count - place >= 8 {
            sum.add(name.bigEndian(at: place), nameFactors[position])
            place += 8
            position += 1
        }
        if place < count {
            var last: UInt64 = 0
            for offset in place..<count { last = last << 8 | UInt64(name[offset]) }
            sum.add(last, nameFactors[position])
        }
        return StreamHash(sum: sum)
    }

    /// The hash of "this revision of this stream".
    @inline(__always)
    func place(_ stream: StreamHash, _ revision: UInt64) -> PlaceHash {
        var sum = stream.sum
        sum.add(revision, factors[0])
        return PlaceHash(sum: sum)
    }

    /// The factor of "the entry at this place in its stream has this leaf hash and lies at this index".
    @inline(__always)
    func factor(_ place: PlaceHash, leaf: Digest, index: UInt64) -> Residue {
        var sum = place.sum
        sum.add(index, factors[1])
        let words = leaf.words
        sum.add(words.0, factors[2])
        sum.add(words.1, factors[3])
        sum.add(words.2, factors[4])
        sum.add(words.3, factors[5])
        return sum.residue(plus: root)
    }

    /// The factor of "the event of this id lies at this index".
    @inline(__always)
    func factor(id: EventID, index: UInt64) -> Residue {
        var sum = WordSum()
        sum.add(id.high, factors[0])
        sum.add(id.low, factors[1])
        sum.add(index, factors[2])
        return sum.residue(plus: root)
    }
}

/// The keyed hash of a stream's name.
struct StreamHash: Sendable {
    fileprivate let sum: WordSum
}

/// The keyed hash of a stream's name and a revision.
struct PlaceHash: Sendable {
    fileprivate let sum: WordSum

    /// Equal for two places with a probability of at most 2⁻¹¹⁴; less than 2¹²⁷.
    var number: UInt128 {
        @inline(__always) get { sum.residue(plus: 0).number }
    }
}

/// kᵢ = high · 2⁵⁷ + low.
private struct Factor: Sendable {
    let high: UInt64
    let low: UInt64

    init(_ random: (UInt64, UInt64)) {
        (high, low) = (random.0 >> 7, random.1 >> 7)
    }
}

/// ∑ kᵢ · wᵢ of at most 63 words.
private struct WordSum: Sendable {
    // Each term is below 2¹²¹, so the sums are below 2¹²⁷.
    private var high: UInt128 = 0
    private var low: UInt128 = 0

    @inline(__always)
    mutating func add(_ word: UInt64, _ factor: Factor) {
        high &+= UInt128(word) &* UInt128(factor.high)
        low &+= UInt128(word) &* UInt128(factor.low)
    }

    /// The sum and `number`, which is below 2¹²⁷.
    @inline(__always)
    func residue(plus number: UInt128) -> Residue {
        // high · 2⁵⁷: its bits from the 70th on come to lie at 2¹²⁷ ≡ 1. Together at most 2¹²⁸ − 2.
        let shifted = (high << 57) & Residue.modulus
        return Residue(folding: shifted &+ Residue.folded((low &+ number)) &+ high >> 70)
    }
}
