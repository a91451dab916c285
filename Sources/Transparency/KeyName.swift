/// The name of a key as signature lines carry it (C2SP signed-note, "Format"): a URL without scheme by custom.
///
/// Not empty, valid UTF-8, no Unicode white space, no `+`, no character below U+0020. Names are equal when their bytes
/// are: two spellings of é are two names.
public struct KeyName: Hashable, Sendable {
    /// The UTF-8 bytes.
    public let bytes: [UInt8]

    /// Throws `malformedName`.
    public init(_ text: String) throws(TransparencyError) {
        guard KeyName.isValid(text) else {
            throw TransparencyError(
                .malformedName,
                "\(quoted(Array(text.utf8))) is no key name: it must not be empty or have spaces, controls or +")
        }
        bytes = Array(text.utf8)
    }

    /// Throws `malformedName`, also for bytes that are not UTF-8.
    init(bytes: ArraySlice<UInt8>) throws(TransparencyError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TransparencyError(.malformedName, "the key name \(quoted(bytes)) is not UTF-8")
        }
        try self.init(text)
    }

    private static func isValid(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "+" && !$0.properties.isWhitespace }
    }
}

extension KeyName: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
