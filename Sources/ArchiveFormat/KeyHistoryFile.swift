public import EventFormat
public import Merkle

/// The bytes of `keys/<S>.json`, which tell people what the events of the stream `ledger` are (docs/archive.md, "Key
/// history").
public struct KeyHistoryFile: Sendable {
    private var isFirst = true

    public init() {}

    /// The first bytes.
    public func head(origin: Origin, size: TreeSize) -> [UInt8] {
        Array("{\"format\":\"mohur/key-history/v1\",\"origin\":\"\(origin.text)\",\"size\":\(size),\"events\":[\n".utf8)
    }

    /// The bytes of the next entry of the stream. `envelope`: nil when it is not there.
    public mutating func line(of entry: Entry, envelope: [UInt8]?) -> [UInt8] {
        var bytes = isFirst ? [] : Array(",\n".utf8)
        isFirst = false
        let start =
            "{\"index\":\(entry.index),\"recorded\":\"\(entry.recorded)\",\"type\":\"\(KeyHistoryFile.escaped(entry.type))\""
        bytes.append(contentsOf: "\(start),\"payload\":".utf8)
        if let commitment = entry.payload, commitment.form == .clear, commitment.mediaType.utf8.elementsEqual(json),
            let envelope, let payload = try? Envelope.open(clear: envelope.span)
        {
            bytes.append(contentsOf: payload)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// The last bytes.
    public var end: [UInt8] { Array("\n]}\n".utf8) }

    private var json: String.UTF8View { "application/json".utf8 }

    /// A type has no control characters, so these two are all that JSON needs to have escaped.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            if character == "\"" || character == "\\" { escaped.unicodeScalars.append("\\") }
            escaped.unicodeScalars.append(character)
        }
        return escaped
    }
}
