import Digests

/// RFC 6962 §2.1 word by word: the recursive definitions of MTH, PATH and PROOF, over leaf hashes.
///
/// It shares nothing with the module but SHA-256. Slow on purpose; hashes of ranges are remembered.
final class Definition {
    private let leaves: [Digest]
    private var known: [Int: Digest] = [:]

    init(_ leaves: [Digest]) {
        self.leaves = leaves
    }

    /// MTH(D[range]).
    func hash(_ range: Range<Int>) -> Digest {
        switch range.count {
        case 0: return SHA256.hash([UInt8]().span)
        case 1: return leaves[range.lowerBound]
        default:
            let key = range.lowerBound * (leaves.count + 1) + range.upperBound
            if let hash = known[key] { return hash }
            let middle = range.lowerBound + split(range.count)
            let (left, right) = (hash(range.lowerBound..<middle), hash(middle..<range.upperBound))
            let hash = SHA256.hash([1] + left.bytes + right.bytes)
            known[key] = hash
            return hash
        }
    }

    /// PATH(index, D[range]), index counted from the start of the range (§2.1.1).
    func path(_ index: Int, _ range: Range<Int>) -> [Digest] {
        guard range.count > 1 else { return [] }
        let k = split(range.count)
        let middle = range.lowerBound + k
        if index < k { return path(index, range.lowerBound..<middle) + [hash(middle..<range.upperBound)] }
        return path(index - k, middle..<range.upperBound) + [hash(range.lowerBound..<middle)]
    }

    /// PROOF(first, D[0:second]) (§2.1.2).
    func proof(_ first: Int, _ second: Int) -> [Digest] {
        subproof(first, 0..<second, complete: true)
    }

    private func subproof(_ m: Int, _ range: Range<Int>, complete: Bool) -> [Digest] {
        if m == range.count { return complete ? [] : [hash(range)] }
        let k = split(range.count)
        let middle = range.lowerBound + k
        if m <= k {
            return subproof(m, range.lowerBound..<middle, complete: complete) + [hash(middle..<range.upperBound)]
        }
        return subproof(m - k, middle..<range.upperBound, complete: false) + [hash(range.lowerBound..<middle)]
    }

    /// The sides of PATH from the leaf upwards: true where the sibling is on the left.
    static func sides(_ index: Int, _ count: Int) -> [Bool] {
        guard count > 1 else { return [] }
        let k = split(count)
        return index < k ? sides(index, k) + [false] : sides(index - k, count - k) + [true]
    }

    private func split(_ count: Int) -> Int { Definition.split(count) }

    /// The largest power of two smaller than `count`.
    private static func split(_ count: Int) -> Int {
        var k = 1
        while k * 2 < count { k *= 2 }
        return k
    }
}

extension SHA256 {
    static func hash(_ bytes: [UInt8]) -> Digest { hash(bytes.span) }
}
