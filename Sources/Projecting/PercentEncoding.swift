internal import Digests

/// `%20` for a character that a place has no room for (RFC 3986 §2.1).
enum PercentEncoding {
    /// The text behind `text`, or nil when a `%` is not followed by two hexadecimal digits or the bytes are not UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let encoded = Array(text.utf8)
        var bytes: [UInt8] = []
        var offset = 0
        while offset < encoded.count {
            if encoded[offset] != UInt8(ascii: "%") {
                bytes.append(encoded[offset])
                offset += 1
                continue
            }
            guard offset + 2 < encoded.count,
                let byte = Hex.decode(String(decoding: encoded[offset + 1...offset + 2], as: UTF8.self))
            else { return nil }
            bytes += byte
            offset += 3
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
