internal import Digests

/// Texts met lately, so that a scan makes one `String` of a text that stands in many entries.
///
/// Holds at most 512 texts, each until another one takes its place. A value belongs to one scan.
public struct TextCache: Sendable {
    /// Shorter texts need no storage of their own.
    private static var leastByteCount: Int { 16 }
    private static var slotBits: UInt64 { 9 }

    private var slots: [String] = []

    public init() {}

    /// The text of `bytes`, which must be valid UTF-8. O(bytes), without allocation when it was met before.
    @inline(__always)
    mutating func text(_ bytes: Span<UInt8>) -> String {
        guard bytes.count >= TextCache.leastByteCount else { return TextCache.make(bytes) }
        if slots.isEmpty { slots = Array(repeating: "", count: 1 << Int(TextCache.slotBits)) }
        let slot = TextCache.slot(of: bytes)
        if slots[slot].utf8.span.isSame(as: bytes) { return slots[slot] }
        let text = TextCache.make(bytes)
        slots[slot] = text
        return text
    }

    /// Names that count up differ in their last bytes, others in their first.
    @inline(__always)
    private static func slot(of bytes: Span<UInt8>) -> Int {
        let first: UInt64 = bytes.bigEndian(at: 0)
        let last: UInt64 = bytes.bigEndian(at: bytes.count - 8)
        let mixed = (first &+ last &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(bytes.count)) &* 0xbf58_476d_1ce4_e5b9
        return Int(mixed >> (64 - slotBits))
    }

    /// Safety: the bytes are copied during the call.
    private static func make(_ bytes: Span<UInt8>) -> String {
        unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
