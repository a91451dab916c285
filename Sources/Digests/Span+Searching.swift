internal import CShims

extension Span<UInt8> {
    /// Where the first `byte` from `start` on stands; the count when there is none. O(n), a whole register at a time.
    public func firstIndex(of byte: UInt8, from start: Int) -> Int {
        // The call reads the bytes during the call only.
        unsafe extracting(start..<count).withUnsafeBufferPointer {
            unsafe start + CShims_find_byte(byte, $0.baseAddress, $0.count)
        }
    }
}
