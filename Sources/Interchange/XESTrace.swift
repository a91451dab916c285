/// One process instance of an event log (IEEE 1849 §4.2.2): its own attributes and its events, in the order of the
/// file.
public struct XESTrace: Hashable, Sendable {
    public var attributes: [XESAttribute]
    public var events: [XESEvent]
    /// The line of its start tag, from 1.
    public var line: Int

    public init(attributes: [XESAttribute], events: [XESEvent], line: Int) {
        self.attributes = attributes
        self.events = events
        self.line = line
    }
}

/// One event of a trace (IEEE 1849 §4.2.3).
public struct XESEvent: Hashable, Sendable {
    public var attributes: [XESAttribute]
    /// The line of its start tag, from 1.
    public var line: Int

    public init(attributes: [XESAttribute], line: Int) {
        self.attributes = attributes
        self.line = line
    }
}

/// A key with a typed value (IEEE 1849 §4.3), whose text is kept as the file has it.
public struct XESAttribute: Hashable, Sendable {
    /// The attribute types of the standard; the raw value is the element's name.
    public enum Kind: String, Hashable, Sendable {
        case string, date, int, float, boolean, id, list, container
    }

    public var key: String
    public var kind: Kind
    /// The value's text; nil only of lists and containers.
    public var value: String?
    /// Attributes of this attribute; of a container its contents.
    public var attributes: [XESAttribute]
    /// The items of a list.
    public var values: [XESAttribute]
    /// The line of its tag, from 1.
    public var line: Int

    public init(
        key: String, kind: Kind, value: String?, attributes: [XESAttribute] = [], values: [XESAttribute] = [],
        line: Int
    ) {
        self.key = key
        self.kind = kind
        self.value = value
        self.attributes = attributes
        self.values = values
        self.line = line
    }
}

extension [XESAttribute] {
    /// The text of the first attribute of this key, or nil.
    func text(of key: String) -> String? {
        first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}
