internal import EventFormat
internal import JSON

/// A value of a payload, to be bound as what a parameter asks for.
///
/// Systems of record often write numbers and booleans as texts (XES does), so `$integer`, `$decimal` and `$boolean`
/// take those too, and an empty text for an absent value.
struct PayloadValue {
    let document: JSONDocument
    let position: JSONDocument.Position

    /// Binds the value; false when it is something else than `type`.
    func bind(as type: Parameter.PayloadType, _ number: Int32, _ statement: Statement) -> Bool {
        switch type {
        case .text: bindText(number, statement)
        case .json: bindSource(document.range(at: position), number, statement)
        default:
            guard !isEmptyText else {
                statement.bindNull(number)
                return true
            }
            return bindTyped(type, number, statement)
        }
        return true
    }

    private func bindTyped(_ type: Parameter.PayloadType, _ number: Int32, _ statement: Statement) -> Bool {
        switch type {
        case .integer:
            guard let value = integer else { return false }
            statement.bind(number, value)
        case .decimal:
            guard let text = decimal else { return false }
            statement.bind(number, text)
        case .boolean:
            guard let value = boolean else { return false }
            statement.bind(number, value ? 1 : 0)
        case .time:
            guard let moment = time else { return false }
            statement.bind(number, moment.description)
        case .text, .json: preconditionFailure("texts and JSON are never refused")
        }
        return true
    }

    /// A text without its escapes, a number or boolean as it is written; NULL for an object or array, which has no
    /// text.
    private func bindText(_ number: Int32, _ statement: Statement) {
        let range = document.range(at: position)
        switch document.kind(at: position) {
        case .object, .array, .null: statement.bindNull(number)
        case .number, .bool: bindSource(range, number, statement)
        case .string:
            let contents = range.lowerBound + 1..<range.upperBound - 1
            if document.bytes[contents].contains(UInt8(ascii: "\\")) {
                statement.bind(number, document.string(at: position) ?? "")
            } else {
                bindSource(contents, number, statement)
            }
        }
    }

    private func bindSource(_ range: Range<Int>, _ number: Int32, _ statement: Statement) {
        let bytes = document.bytes
        statement.bind(number, bytes.span.extracting(range))
    }

    private var isEmptyText: Bool {
        document.kind(at: position) == .string && document.range(at: position).count == 2
    }

    private var integer: Int64? {
        if let value = document.integer(at: position) { return value }
        guard let text = document.string(at: position), let number = try? JSONDocument(text) else { return nil }
        return number.integer(at: number.root)
    }

    private var decimal: String? {
        if let text = document.number(at: position) { return text }
        guard let text = document.string(at: position), let number = try? JSONDocument(text) else { return nil }
        return number.number(at: number.root)
    }

    private var boolean: Bool? {
        if let value = document.bool(at: position) { return value }
        switch document.string(at: position) {
        case "true": return true
        case "false": return false
        default: return nil
        }
    }

    private var time: Timestamp? {
        guard let text = document.string(at: position), text.utf8.count <= 64 else { return nil }
        if let moment = try? Timestamp(rfc3339: text) { return moment }
        if let moment = try? Timestamp(rfc3339: text + "Z") { return moment }
        return text.utf8.count == 10 ? try? Timestamp(rfc3339: text + "T00:00:00Z") : nil
    }
}
