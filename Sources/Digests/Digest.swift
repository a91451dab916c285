/// A SHA-256 value: 32 bytes, compared and hashed by value.
///
/// The bytes are held as four words in memory order, so that comparing costs four integer comparisons and no
/// allocation.
public struct Digest: Hashable, Sendable {
    /// The number of bytes of every digest.
    @inlinable public static var byteCount: Int { 32 }

    /// Thirty-two zero bytes: what the first entry of a ledger names as its predecessor.
    @inlinable public static var zero: Digest { Digest(words: (0, 0, 0, 0)) }

    /// The bytes as they stand in memory.
    @usableFromInline
    package var words: (UInt64, UInt64, UInt64, UInt64)

    @inlinable
    init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// Takes a copy of the 32 bytes of `span` from `offset`.
    ///
    /// Traps when fewer than 32 bytes are there: callers check lengths of foreign input before.
    @inlinable
    @inline(__always)
    public init(copying span: Span<UInt8>, at offset: Int = 0) {
        precondition(offset >= 0 && span.count - offset >= Digest.byteCount, "a digest needs 32 bytes")
        words = unsafe span.withUnsafeBufferPointer { buffer in
            unsafe UnsafeRawPointer(buffer.baseAddress!)
                .loadUnaligned(fromByteOffset: offset, as: (UInt64, UInt64, UInt64, UInt64).self)
        }
    }

    /// Takes a copy of `bytes`, or nil when they are not exactly 32.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        self.init(copying: Array(bytes).span)
    }

    /// The 32 bytes as a new array.
    public var bytes: [UInt8] {
        withBytes { Array(collecting: $0) }
    }

    /// Calls `body` with the 32 bytes; the span is valid only during the call.
    @inlinable
    public func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        var copy = words
        return try unsafe Swift.withUnsafeBytes(of: &copy) { (raw) throws(E) -> R in
            try body(unsafe raw.assumingMemoryBound(to: UInt8.self).span)
        }
    }

    /// Appends the 32 bytes to `output`.
    @inlinable
    public func append(to output: inout [UInt8]) {
        var copy = words
        unsafe Swift.withUnsafeBytes(of: &copy) { unsafe output.append(contentsOf: $0) }
    }

    /// Whether the 32 bytes of `span` from `offset` are these.
    @inlinable
    public func matches(_ span: Span<UInt8>, at offset: Int = 0) -> Bool {
        self == Digest(copying: span, at: offset)
    }

    @inlinable
    public static func == (left: Digest, right: Digest) -> Bool {
        left.words.0 == right.words.0 && left.words.1 == right.words.1
            && left.words.2 == right.words.2 && left.words.3 == right.words.3
    }

    public func hash(into hasher: inout Hasher) {
        // One word of a SHA-256 value spreads as well as four.
        hasher.combine(words.0)
    }
}

extension Digest: CustomStringConvertible {
    /// Sixty-four lowercase hexadecimal digits.
    public var hex: String { withBytes { Hex.encode($0) } }

    public var description: String { hex }

    /// Reads exactly 64 hexadecimal digits of either case, or returns nil.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }
}

extension Array where Element == UInt8 {
    /// A copy of the bytes of `span`.
    @inlinable
    public init(collecting span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Appends the bytes of `span`.
    @inlinable
    public mutating func append(collecting span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
