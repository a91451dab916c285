/// A JSON value as a tree, for values that are made or changed in memory; numbers stay texts and members keep their
/// order.
///
/// Reading bytes without a tree is what ``JSONDocument`` does.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number as it is written (RFC 8259 §6): `1e400` and `-0` stay what they are.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A key with its value.
    public struct Member: Hashable, Sendable {
        public var key: String
        public var value: JSONValue

        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Reads `bytes` by the rules of ``JSONDocument``.
    public init(_ bytes: [UInt8]) throws(JSONError) {
        let document = try JSONDocument(bytes)
        self = document.value(at: document.root)
    }

    /// Reads `text` by the rules of ``JSONDocument``.
    public init(_ text: String) throws(JSONError) {
        try self.init(Array(text.utf8))
    }

    /// The value that `pointer` names, or nil when there is none.
    public subscript(pointer pointer: JSONPointer) -> JSONValue? {
        var value = self
        for step in pointer.steps {
            switch value {
            case .object(let members):
                // Keys are compared by their bytes: a String's own equality takes different spellings of é for one.
                guard let member = members.first(where: { $0.key.utf8.elementsEqual(step.key) }) else { return nil }
                value = member.value
            case .array(let elements):
                guard let index = step.index, index < elements.count else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    /// The value as JSON text without white space.
    public var text: String {
        var output: [UInt8] = []
        append(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends what ``text`` is, as UTF-8.
    public func append(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): JSONText.append(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONText.append(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }
}

extension JSONDocument {
    /// The value as a tree.
    public func value(at position: Position) -> JSONValue {
        let token = token(at: position)
        switch token.kind {
        case .null: return .null
        case .bool: return .bool(bytes[Int(token.start)] == UInt8(ascii: "t"))
        case .number: return .number(String(decoding: source(at: position), as: UTF8.self))
        case .string: return .string(text(of: token))
        case .array: return .array((elements(at: position) ?? []).map { value(at: $0) })
        case .object:
            return .object((members(at: position) ?? []).map { .init(key: $0.key, value: value(at: $0.value)) })
        }
    }
}
