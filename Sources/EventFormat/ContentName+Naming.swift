internal import Digests

// Which contents a payload names (docs/format.md, "Contents").
//
// A payload of JSON names the content of each member `content` whose value is a name, at whatever depth. The bytes
// alone decide: the member's key and the name are looked for as JSON writes them without escapes, though slashes may
// have one. A key's first quotation mark has a brace, a comma or white space before it, which no text within a JSON
// string can: there a quotation mark has a backslash before it.
//
// Safety: eight bytes are loaded where that many are left, which the loop's condition says.

extension ContentName {
    /// The most names that a payload may have (C1).
    public static let maximumCount = 1_000

    /// The names in a payload of the media type `mediaType`, in their order, as often as they stand there; none unless
    /// that is JSON. Of a payload that has more than ``maximumCount``, one more than these. O(bytes).
    public static func names(in payload: Span<UInt8>, mediaType: Span<UInt8>) -> [ContentName] {
        guard payload.count > byteCount, isJSON(mediaType) else { return [] }
        var names: [ContentName] = []
        var place = payload.firstIndex(of: UInt8(ascii: ";"), from: 0)
        while place < payload.count, names.count <= maximumCount {
            if let name = name(in: payload, around: place) { names.append(name) }
            place = payload.firstIndex(of: UInt8(ascii: ";"), from: place + 1)
        }
        return names
    }

    /// The names in the envelope of an entry's payload, the first ``maximumCount`` of them; none in a sealed one, which
    /// only its readers can open. O(bytes).
    public static func names(
        in envelope: Span<UInt8>, of layout: EntryLayout, entry: Span<UInt8>
    ) -> [ContentName] {
        guard let payload = layout.payload, payload.form == .clear, envelope.count > Envelope.saltByteCount else {
            return []
        }
        let mediaType = entry.extracting(payload.mediaType.start..<payload.mediaType.end)
        let names = names(in: envelope.extracting(Envelope.saltByteCount..<envelope.count), mediaType: mediaType)
        return names.count > maximumCount ? Array(names.prefix(maximumCount)) : names
    }

    private static let json = Array("application/json".utf8)
    private static let jsonSuffix = Array("+json".utf8)
    private static let algorithm = Array("sha-256".utf8)
    private static let scheme = Array(#""ni:///"#.utf8)
    private static let escapedScheme = Array(#""ni:\/\/\/"#.utf8)
    private static let key = Array(#""content""#.utf8)

    /// `application/json`, or a type that ends with `+json` (RFC 6839 §3.1), without parameters.
    private static func isJSON(_ mediaType: Span<UInt8>) -> Bool {
        mediaType.isSame(as: json.span) || mediaType.ends(with: jsonSuffix, at: mediaType.count)
    }

    /// The name whose `;` stands at `place`, when a member `content` has it.
    private static func name(in bytes: Span<UInt8>, around place: Int) -> ContentName? {
        let end = place + 1 + codeByteCount
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\""), bytes.ends(with: algorithm, at: place) else {
            return nil
        }
        var start = place - algorithm.count
        if bytes.ends(with: scheme, at: start) {
            start -= scheme.count
        } else if bytes.ends(with: escapedScheme, at: start) {
            start -= escapedScheme.count
        } else {
            return nil
        }
        start = bytes.endBeforeSpace(start)
        guard start > 0, bytes[start - 1] == UInt8(ascii: ":") else { return nil }
        start = bytes.endBeforeSpace(start - 1)
        guard bytes.ends(with: key, at: start), start > key.count, bytes.mayStandBeforeKey(start - key.count - 1)
        else { return nil }
        var code: [UInt8] = []
        code.append(collecting: bytes.extracting(place + 1..<end))
        return digest(code: code).map { ContentName($0) }
    }
}

extension Span<UInt8> {
    /// Whether `word` stands before the offset `end`.
    fileprivate func ends(with word: [UInt8], at end: Int) -> Bool {
        end >= word.count && extracting(end - word.count..<end).isSame(as: word.span)
    }

    private func isSpace(_ index: Int) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(self[index]) }

    /// Where what stands before `end`, white space left out, ends.
    fileprivate func endBeforeSpace(_ end: Int) -> Int {
        var end = end
        while end > 0, isSpace(end - 1) { end -= 1 }
        return end
    }

    /// Whether the byte at `index` may stand before an object's key.
    fileprivate func mayStandBeforeKey(_ index: Int) -> Bool {
        self[index] == UInt8(ascii: "{") || self[index] == UInt8(ascii: ",") || isSpace(index)
    }
}
