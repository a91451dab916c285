extension Array where Element == UInt8 {
    /// Appends `value`, most significant byte first.
    @inlinable
    public mutating func append<Integer: FixedWidthInteger & UnsignedInteger>(bigEndian value: Integer) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }

    /// The eight bytes of `value`, most significant first: a key that sorts as its number does.
    @inlinable
    public init(bigEndian value: UInt64) {
        self = []
        reserveCapacity(8)
        append(bigEndian: value)
    }
}

extension Span where Element == UInt8 {
    /// The number whose most significant byte stands first at `offset`; traps when the bytes are not all there.
    @inlinable
    @inline(__always)
    public func bigEndian<Integer: FixedWidthInteger & UnsignedInteger>(
        at offset: Int, as type: Integer.Type = Integer.self
    ) -> Integer {
        let size = Integer.bitWidth / 8
        precondition(offset >= 0 && count - offset >= size, "a number's bytes lie outside the span")
        return unsafe withUnsafeBufferPointer { buffer in
            unsafe Integer(
                bigEndian: UnsafeRawPointer(buffer.baseAddress!).loadUnaligned(fromByteOffset: offset, as: Integer.self)
            )
        }
    }
}
