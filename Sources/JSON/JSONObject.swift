/// Writes a JSON object member by member, in the order of the calls, without white space: one line of output.
///
/// ```swift
/// var object = JSONObject()
/// object.add("size", 8577)
/// object.add("root", root.hex)
/// print(object.text)   // {"size":8577,"root":"…"}
/// ```
///
/// The caller adds each key once.
public struct JSONObject: Sendable {
    private var members: [UInt8] = [UInt8(ascii: "{")]

    public init() {}

    public mutating func add(_ key: String, _ value: String) {
        add(key) { JSONText.append(value, to: &$0) }
    }

    public mutating func add(_ key: String, _ value: Bool) {
        add(key, raw: value ? "true" : "false")
    }

    public mutating func add(_ key: String, _ value: some BinaryInteger) {
        add(key, raw: String(value))
    }

    public mutating func add(_ key: String, _ value: JSONObject) {
        add(key) { $0.append(contentsOf: value.bytes) }
    }

    public mutating func add(_ key: String, _ value: JSONArray) {
        add(key) { $0.append(contentsOf: value.bytes) }
    }

    public mutating func add(_ key: String, _ value: JSONValue) {
        add(key) { value.append(to: &$0) }
    }

    public mutating func addNull(_ key: String) {
        add(key, raw: "null")
    }

    /// Adds a value that already is JSON text; the caller answers for it.
    public mutating func add(_ key: String, raw: String) {
        add(key) { $0.append(contentsOf: raw.utf8) }
    }

    /// Adds a value that already is JSON text; the caller answers for it.
    public mutating func add(_ key: String, raw: [UInt8]) {
        add(key) { $0.append(contentsOf: raw) }
    }

    /// Adds the value that `write` appends as JSON text.
    public mutating func add(_ key: String, _ write: (inout [UInt8]) -> Void) {
        if members.count > 1 { members.append(UInt8(ascii: ",")) }
        JSONText.append(key, to: &members)
        members.append(UInt8(ascii: ":"))
        write(&members)
    }

    /// The object as UTF-8.
    public var bytes: [UInt8] { members + [UInt8(ascii: "}")] }

    /// The object as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Writes a JSON array element by element, without white space.
public struct JSONArray: Sendable {
    private var elements: [UInt8] = [UInt8(ascii: "[")]

    public init() {}

    public mutating func append(_ value: String) {
        append { JSONText.append(value, to: &$0) }
    }

    public mutating func append(_ value: Bool) {
        append(raw: value ? "true" : "false")
    }

    public mutating func append(_ value: some BinaryInteger) {
        append(raw: String(value))
    }

    public mutating func append(_ value: JSONObject) {
        append { $0.append(contentsOf: value.bytes) }
    }

    public mutating func append(_ value: JSONArray) {
        append { $0.append(contentsOf: value.bytes) }
    }

    public mutating func append(_ value: JSONValue) {
        append { value.append(to: &$0) }
    }

    public mutating func appendNull() {
        append(raw: "null")
    }

    /// Appends a value that already is JSON text; the caller answers for it.
    public mutating func append(raw: String) {
        append { $0.append(contentsOf: raw.utf8) }
    }

    /// Appends the value that `write` writes as JSON text.
    public mutating func append(_ write: (inout [UInt8]) -> Void) {
        if elements.count > 1 { elements.append(UInt8(ascii: ",")) }
        write(&elements)
    }

    /// The array as UTF-8.
    public var bytes: [UInt8] { elements + [UInt8(ascii: "]")] }

    /// The array as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
