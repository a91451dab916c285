internal import Digests
internal import EventFormat
internal import JSON

/// The members of one CloudEvent by what they are, each checked by the rules of CloudEvents 1.0 and its JSON format.
struct CloudEventAttributes {
    let document: JSONDocument
    let members: [JSONDocument.Member]
    private let place: InterchangeError.Place

    private(set) var id = ""
    private(set) var source = ""
    private(set) var type = ""
    private(set) var subject: String?
    private(set) var time: (moment: Timestamp, text: String)?
    private(set) var mediaType: String?
    private(set) var schema: String?
    private(set) var data: JSONDocument.Position?
    private(set) var base64: [UInt8]?
    /// What the specification does not define, in the order of the text, without nulls; texts have no control
    /// characters.
    private(set) var extensions: [JSONDocument.Member] = []

    /// Reads one JSON object; `place` is where its first byte stands.
    init(_ bytes: [UInt8], at place: InterchangeError.Place) throws(InterchangeError) {
        self.place = place
        do {
            document = try JSONDocument(bytes)
        } catch {
            throw InterchangeError(error, from: place)
        }
        guard let members = document.members(at: document.root) else {
            throw InterchangeError(
                .invalid, "a CloudEvent is a JSON object; this is another value",
                at: place.advanced(to: document.range(at: document.root).lowerBound, in: bytes.span))
        }
        self.members = members
        var version: String?
        for member in members { try take(member, version: &version) }
        try checkRequired(version)
    }

    private mutating func take(_ member: JSONDocument.Member, version: inout String?) throws(InterchangeError) {
        if member.key == "data" {
            data = member.value
            return
        }
        guard document.kind(at: member.value) != .null else { return }
        switch member.key {
        case "specversion": version = try text(of: member)
        case "id": id = try text(of: member)
        case "source": source = try text(of: member)
        case "type": type = try text(of: member)
        case "subject": subject = try text(of: member)
        case "datacontenttype": mediaType = try text(of: member)
        case "dataschema": schema = try text(of: member)
        case "time": time = try moment(of: member)
        case "data_base64": base64 = try decoded(member)
        default:
            try checkExtension(member)
            extensions.append(member)
        }
    }

    private func checkRequired(_ version: String?) throws(InterchangeError) {
        guard let version else { throw missing("specversion", "give it the value \"1.0\"") }
        guard version == "1.0" else {
            throw InterchangeError(
                .unsupported, "specversion is \"\(version.escapingControls.prefix(20))\"; only \"1.0\" is read",
                at: placeOfMember("specversion"))
        }
        if id.isEmpty { throw missing("id", "name the event so that no other of its source has the name") }
        if source.isEmpty { throw missing("source", "name the service that produced the event, as a URI") }
        if type.isEmpty { throw missing("type", "say what happened, such as document.registered") }
        if data != nil, base64 != nil {
            throw InterchangeError(
                .invalid, "the event has both data and data_base64; keep the one that holds the payload",
                at: placeOfMember("data_base64"))
        }
    }

    private func missing(_ name: String, _ remedy: String) -> InterchangeError {
        InterchangeError(.missing, "the event has no \(name); \(remedy)", at: place)
    }

    /// A string of at least one character without control characters.
    private func text(of member: JSONDocument.Member) throws(InterchangeError) -> String {
        guard let text = document.string(at: member.value) else {
            throw fault(member, "is no string; write it in quotation marks")
        }
        guard !text.isEmpty else { throw fault(member, "is empty; give it a value or leave it out") }
        if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }) {
            throw fault(member, "has a control character; remove it")
        }
        return text
    }

    private func moment(of member: JSONDocument.Member) throws(InterchangeError) -> (Timestamp, String) {
        let text = try text(of: member)
        do {
            return (try Timestamp(rfc3339: text), text)
        } catch {
            throw fault(member, "cannot be read: \(error.reason)")
        }
    }

    private func decoded(_ member: JSONDocument.Member) throws(InterchangeError) -> [UInt8] {
        guard let text = document.utf8(at: member.value) else {
            throw fault(member, "is no string; write the bytes as Base64 in quotation marks")
        }
        guard let bytes = Base64.decode(text) else {
            throw fault(member, "is no Base64 of RFC 4648 §4; use A-Z a-z 0-9 + /, pad with =, leave out white space")
        }
        return bytes
    }

    /// Names are lowercase letters and digits; values are strings, booleans and integers of 32 bits.
    private func checkExtension(_ member: JSONDocument.Member) throws(InterchangeError) {
        let isName = member.key.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard isName, !member.key.isEmpty else {
            throw fault(member, "is no attribute's name: only the letters a-z and digits are allowed")
        }
        switch document.kind(at: member.value) {
        case .string: if document.string(at: member.value) != "" { _ = try text(of: member) }
        case .number:
            guard let value = document.integer(at: member.value), Int32(exactly: value) != nil else {
                throw fault(member, "is no integer of 32 bits; write the number as a string")
            }
        case .array, .object:
            throw fault(member, "is an array or object; attributes are simple: move it into data")
        case .bool, .null: break
        }
    }

    /// An error that names `member` and its place.
    func fault(_ member: JSONDocument.Member, _ problem: String) -> InterchangeError {
        InterchangeError(
            .invalid, "\(JSONText.quoted(String(member.key.prefix(80)))) \(problem)",
            at: place.advanced(to: member.range.lowerBound, in: document.bytes.span))
    }

    /// An error that names the member of this key and its place.
    func fault(_ key: String, _ problem: String) -> InterchangeError {
        InterchangeError(.invalid, "\(JSONText.quoted(key)) \(problem)", at: placeOfMember(key))
    }

    private func placeOfMember(_ key: String) -> InterchangeError.Place {
        guard let member = members.first(where: { $0.key == key }) else { return place }
        return place.advanced(to: member.range.lowerBound, in: document.bytes.span)
    }
}

extension InterchangeError {
    /// What JSON's reader says of a text that begins at `place`.
    init(_ error: JSONError, from place: Place) {
        let code: Code =
            switch error.code {
            case .truncated: .truncated
            case .tooDeep: .tooDeep
            case .tooLarge: .tooLarge
            default: .syntax
            }
        self.init(code, error.reason, at: place.advanced(line: error.line, column: error.column))
    }
}

extension InterchangeError.Place {
    /// The place of the byte at `offset` of a text that begins here.
    func advanced(to offset: Int, in text: Span<UInt8>) -> Self {
        let (line, column) = JSONText.place(of: offset, in: text)
        return advanced(line: line, column: column)
    }

    /// The place of a line and a column of a text that begins here.
    func advanced(line: Int, column: Int) -> Self {
        Self(
            file: file, line: (self.line ?? 1) + line - 1,
            column: line == 1 ? (self.column ?? 1) + column - 1 : column)
    }
}
