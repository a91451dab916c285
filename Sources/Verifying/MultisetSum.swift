internal import Digests
internal import EventFormat

/// A sum over a keyed hash of each of many things, by which two collections are compared without holding either.
///
/// When every thing that one side names is named once by the other, the sums are equal; otherwise they differ but for
/// one case in 2⁶⁴. The key is made anew for each verification, after the ledger was written, so nobody can have
/// prepared a ledger for it (M. Blum et al., "Checking the correctness of memories", 1991).
struct MultisetSum: Equatable {
    private(set) var value: UInt64 = 0

    static func + (left: MultisetSum, right: MultisetSum) -> MultisetSum {
        MultisetSum(value: left.value &+ right.value)
    }

    mutating func add(_ hash: UInt64) { value &+= hash }
    mutating func subtract(_ hash: UInt64) { value &-= hash }
}

/// The secret of one verification's sums.
struct SumKey: Sendable {
    private let first: UInt64
    private let second: UInt64

    init() {
        let bytes = RandomBytes.make(count: 16)
        first = bytes.span.bigEndian(at: 0)
        second = bytes.span.bigEndian(at: 8)
    }

    /// The hash of a stream's name.
    func hash(stream name: Span<UInt8>) -> UInt64 {
        var hasher = start(1)
        unsafe name.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.value
    }

    /// The hash of "the entry of `revision` in this stream has this leaf hash and lies at this index".
    func hash(stream: UInt64, revision: UInt64, leaf: Digest, index: UInt64) -> UInt64 {
        var hasher = start(2)
        hasher.combine(stream)
        hasher.combine(revision)
        hasher.combine(index)
        leaf.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) } }
        return hasher.value
    }

    /// The hash of "the event of this id lies at this index".
    func hash(id: EventID, index: UInt64) -> UInt64 {
        var hasher = start(3)
        hasher.combine(id)
        hasher.combine(index)
        return hasher.value
    }

    private func start(_ domain: UInt8) -> Hasher {
        var hasher = Hasher()
        hasher.combine(first)
        hasher.combine(second)
        hasher.combine(domain)
        return hasher
    }
}

extension Hasher {
    fileprivate var value: UInt64 { UInt64(bitPattern: Int64(finalize())) }
}
