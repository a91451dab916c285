/// Writing bytes one behind the other into memory that was reserved for them.
///
/// Safety: each call checks that the room is there before it writes, writes only there, and counts what it has
/// written.
extension OutputSpan where Element == UInt8 {
    /// Appends `value`, most significant byte first; traps when there is no room.
    @inlinable
    @inline(__always)
    public mutating func append<Integer: FixedWidthInteger & UnsignedInteger>(bigEndian value: Integer) {
        let size = Integer.bitWidth / 8
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            precondition(buffer.count - count >= size, "a number does not fit the room that was reserved")
            unsafe UnsafeMutableRawPointer(buffer.baseAddress! + count).storeBytes(
                of: value.bigEndian, as: Integer.self)
            count += size
        }
    }

    /// Appends the bytes of `span`; traps when there is no room.
    @inlinable
    @inline(__always)
    public mutating func append(collecting span: Span<UInt8>) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            precondition(buffer.count - count >= span.count, "bytes do not fit the room that was reserved")
            let start = count
            unsafe span.withUnsafeBufferPointer { source in
                guard let first = source.baseAddress else { return }
                unsafe (buffer.baseAddress! + start).update(from: first, count: source.count)
            }
            count += span.count
        }
    }

    /// Appends the 32 bytes of `digest`; traps when there is no room.
    @inlinable
    @inline(__always)
    public mutating func append(_ digest: Digest) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            precondition(buffer.count - count >= Digest.byteCount, "a digest does not fit the room that was reserved")
            unsafe UnsafeMutableRawPointer(buffer.baseAddress! + count).storeBytes(
                of: digest.words, as: (UInt64, UInt64, UInt64, UInt64).self)
            count += Digest.byteCount
        }
    }
}
