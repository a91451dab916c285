internal import EventFormat

/// Makes traces of a log's tags, keeping the place of what it refuses.
struct XESBuilder {
    private enum Kind: Equatable {
        case log, trace, event, attribute(XESAttribute.Kind), values
    }

    /// An element whose end tag has not come.
    private struct Node {
        let kind: Kind
        let line: Int
        var key = ""
        var value: String?
        var attributes: [XESAttribute] = []
        var values: [XESAttribute]?
        var events: [XESEvent] = []
    }

    private static let namespaces: Set<String> = ["", "http://www.xes-standard.org/", "http://www.xes-standard.org"]
    /// What one attribute or event takes in memory besides its texts, in bytes.
    private static let costPerElement = 192

    private let file: String
    private var complete: [XESTrace] = []
    private var taken = 0
    private var namespace = ""
    private var stack: [Node] = []
    private var depth = 0
    /// How many elements deep a subtree is that is passed over; 0 outside of one.
    private var skippedDepth = 0
    private var traceCost = 0
    /// The log's own `concept:name`.
    private(set) var logName: String?

    init(file: String) {
        self.file = file
    }

    /// The oldest complete trace that was not taken yet.
    mutating func takeTrace() -> XESTrace? {
        guard taken < complete.count else {
            complete.removeAll(keepingCapacity: true)
            taken = 0
            return nil
        }
        taken += 1
        return complete[taken - 1]
    }

    mutating func start(_ element: XMLElement, at place: InterchangeError.Place) throws(InterchangeError) {
        depth += 1
        guard depth <= XESReader.maximumDepth else {
            throw InterchangeError(
                .tooDeep, "elements are nested deeper than \(XESReader.maximumDepth); flatten the attributes", at: place
            )
        }
        if skippedDepth > 0 {
            skippedDepth += 1
        } else if let parent = stack.last {
            try open(element, in: parent.kind, at: place)
        } else {
            guard element.name == "log" else {
                throw InterchangeError(
                    .unsupported, "the outermost element is \(shown(element.name)); an XES file has log", at: place)
            }
            namespace = element.namespace
            stack.append(Node(kind: .log, line: place.line ?? 1))
        }
    }

    private mutating func open(
        _ element: XMLElement, in parent: Kind, at place: InterchangeError.Place
    ) throws(InterchangeError) {
        let kind = XESAttribute.Kind(rawValue: element.name)
        guard element.namespace == namespace || XESBuilder.namespaces.contains(element.namespace) else {
            skippedDepth = 1
            return
        }
        switch (parent, element.name) {
        case (.log, "trace"):
            traceCost = 0
            stack.append(Node(kind: .trace, line: place.line ?? 1))
        case (.trace, "event"):
            try charge(0, at: place)
            stack.append(Node(kind: .event, line: place.line ?? 1))
        case (.log, "event"):
            throw InterchangeError(
                .unsupported, "an event stands outside of every trace; put it into the trace of its case", at: place)
        case (_, "log"), (_, "trace"), (_, "event"):
            throw InterchangeError(
                .invalid, "\(element.name) stands where the standard has no place for it", at: place)
        case (.log, _):
            if kind != nil, element["key"] == "concept:name" { logName = logName ?? element["value"] }
            skippedDepth = 1
        case (.attribute(.list), "values"):
            stack.append(Node(kind: .values, line: place.line ?? 1))
        default:
            try openAttribute(element, kind, at: place)
        }
    }

    private mutating func openAttribute(
        _ element: XMLElement, _ kind: XESAttribute.Kind?, at place: InterchangeError.Place
    ) throws(InterchangeError) {
        guard let kind else {
            guard element["key"] == nil else {
                throw InterchangeError(
                    .invalid,
                    "\(shown(element.name)) is no attribute type of XES: those are string, date, int, float, boolean, "
                        + "id, list and container",
                    at: place)
            }
            skippedDepth = 1
            return
        }
        guard let key = element["key"] else {
            throw InterchangeError(.missing, "the attribute \(element.name) has no key", at: place)
        }
        let value = element["value"]
        guard value != nil || kind == .list || kind == .container else {
            throw InterchangeError(.missing, "the attribute \"\(shown(key))\" has no value", at: place)
        }
        try charge(key.utf8.count + (value?.utf8.count ?? 0), at: place)
        stack.append(Node(kind: .attribute(kind), line: place.line ?? 1, key: key, value: value))
    }

    private func shown(_ text: String) -> String {
        String(text.prefix(80)).escapingControls
    }

    private mutating func charge(_ byteCount: Int, at place: InterchangeError.Place) throws(InterchangeError) {
        traceCost += byteCount + XESBuilder.costPerElement
        guard traceCost <= XESReader.maximumTraceByteCount else {
            let line = stack.first { $0.kind == .trace }?.line ?? 1
            throw InterchangeError(
                .tooLarge,
                "the trace that begins on line \(line) needs more than "
                    + "\(XESReader.maximumTraceByteCount >> 20) MiB of memory; split it",
                at: place)
        }
    }

    /// Takes the end tag of the innermost element; expat sees to it that the tags match.
    mutating func end() {
        depth -= 1
        guard skippedDepth == 0 else {
            skippedDepth -= 1
            return
        }
        guard let node = stack.popLast() else { preconditionFailure("an end tag without its start tag") }
        let parent = stack.count - 1
        switch node.kind {
        case .log: break
        case .trace: complete.append(XESTrace(attributes: node.attributes, events: node.events, line: node.line))
        case .event: stack[parent].events.append(XESEvent(attributes: node.attributes, line: node.line))
        case .values: stack[parent].values = (stack[parent].values ?? []) + node.attributes
        case .attribute(let kind):
            // Before XES 2.0 a list's items stood directly in it, without an element values.
            let hasBareItems = kind == .list && node.values == nil
            stack[parent].attributes.append(
                XESAttribute(
                    key: node.key, kind: kind, value: node.value, attributes: hasBareItems ? [] : node.attributes,
                    values: hasBareItems ? node.attributes : node.values ?? [], line: node.line))
        }
    }
}
