extension Span where Element == UInt8 {
    /// Whether the bytes are the same. O(n), eight bytes at a time.
    @inlinable
    public func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while count - offset >= 8 {
            guard bigEndian(at: offset, as: UInt64.self) == other.bigEndian(at: offset) else { return false }
            offset += 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset += 1
        }
        return true
    }

    /// Whether the bytes stand before those of `other`: compared as unsigned numbers, a prefix before the longer.
    @inlinable
    public func precedes(_ other: Span<UInt8>) -> Bool {
        let shared = Swift.min(count, other.count)
        var start = 0
        while shared - start >= 8 {
            let (left, right): (UInt64, UInt64) = (bigEndian(at: start), other.bigEndian(at: start))
            guard left == right else { return left < right }
            start += 8
        }
        for offset in start..<shared where self[offset] != other[offset] { return self[offset] < other[offset] }
        return count < other.count
    }
}
