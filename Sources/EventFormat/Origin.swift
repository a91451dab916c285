/// A ledger's name, fixed for ever: a schema-less lowercase URL such as `records.example.gov/permits`.
///
/// 1–255 bytes: a host of lowercase letters, digits, `-` and `.`, then path segments of lowercase letters, digits,
/// `-`, `.`, `_` and `~`, none empty. It also names the ledger's key in signed checkpoints, so it has neither spaces
/// nor `+` (C2SP signed-note, tlog-checkpoint).
public struct Origin: Hashable, Sendable {
    public static let maximumByteCount = 255

    public let text: String

    /// Throws ``FormatError`` saying what to mend.
    public init(_ text: String) throws(FormatError) {
        guard text.utf8.count <= Origin.maximumByteCount else {
            throw FormatError(
                .tooLarge, "the origin has \(text.utf8.count) bytes; at most \(Origin.maximumByteCount) are allowed")
        }
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let host = segments.first, Origin.isHost(host), segments.dropFirst().allSatisfy(Origin.isSegment) else {
            throw FormatError(
                .outOfRange,
                "\"\(text.escapingControls)\" is no origin; write a lowercase URL without its scheme, such as "
                    + "records.example.gov/permits")
        }
        self.text = text
    }

    private static func isHost(_ host: Substring) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isSegment(_ segment: Substring) -> Bool {
        segment != "." && segment != ".." && !segment.isEmpty
            && segment.utf8.allSatisfy { isAlphanumeric($0) || "-._~".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension Origin: CustomStringConvertible {
    public var description: String { text }
}
