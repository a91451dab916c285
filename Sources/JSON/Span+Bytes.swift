extension Span where Element == UInt8 {
    /// The eight bytes from `offset` on, the first one lowest; traps when they are not all there.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        // The load checks its bounds, and every eight bytes are a number.
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Appends the bytes to `output`.
    func append(to output: inout [UInt8]) {
        // The bytes are copied during the call.
        unsafe withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
    }
}
