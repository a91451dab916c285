internal import Digests
internal import EventFormat
internal import JSON

extension CloudEvent {
    /// Writes one line without its ending, which ``read(_:subjectNamesStream:at:)`` reads back as the same event.
    ///
    /// The stream is the `subject`; `sequence`, `recordedtime` and `revision` say where the event is recorded. A
    /// payload that is JSON is written as `data`, byte for byte, when it fits on the line; any other as
    /// `data_base64`. A CloudEvent that was kept whole is written as it came, with the ledger's attributes behind its
    /// own and `recordedstream` where its subject is another; when that would not read back as the same event, it is
    /// written as the payload that it is.
    public static func write(_ recorded: Recorded) -> [UInt8] {
        restored(recorded) ?? composed(recorded)
    }

    private static func composed(_ recorded: Recorded) -> [UInt8] {
        let event = recorded.event
        var object = JSONObject()
        object.add("specversion", "1.0")
        object.add("id", event.id.description)
        object.add("source", event.source)
        object.add("type", event.type)
        object.add("subject", recorded.stream.text)
        if let occurred = event.occurred { object.add("time", occurred.description) }
        if let payload = event.payload { object.add("datacontenttype", payload.mediaType) }
        if let schema = event.schema { object.add("dataschema", schema) }
        if let correlation = event.correlation { object.add("correlationid", correlation.description) }
        if let causation = event.causation { object.add("causationid", causation.description) }
        var line = Array(object.bytes.dropLast())
        line.append(UInt8(ascii: ","))
        LedgerAttributes.append(recorded, naming: false, to: &line)
        if let payload = event.payload { append(payload, to: &line) }
        return line + [UInt8(ascii: "}")]
    }

    private static func append(_ payload: Payload, to line: inout [UInt8]) {
        if isJSON(payload.mediaType), fitsOnLine(payload.bytes) {
            line.append(contentsOf: #","data":"#.utf8)
            line.append(contentsOf: payload.bytes)
        } else {
            line.append(contentsOf: #","data_base64":""#.utf8)
            Base64.append(payload.bytes, to: &line)
            line.append(UInt8(ascii: "\""))
        }
    }

    /// Whether `bytes` are one JSON value without a line ending or anything around it, with room for one more level
    /// of nesting.
    private static func fitsOnLine(_ bytes: [UInt8]) -> Bool {
        guard !bytes.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }),
            let document = try? JSONDocument(bytes, maximumDepth: JSONDocument.maximumDepth - 1)
        else { return false }
        return document.range(at: document.root) == bytes.indices
    }

    /// The CloudEvent that is `recorded`'s payload with the ledger's attributes, or nil when that would be another
    /// event.
    private static func restored(_ recorded: Recorded) -> [UInt8]? {
        guard let payload = recorded.event.payload, payload.mediaType == wholeMediaType,
            !payload.bytes.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }),
            let document = try? JSONDocument(payload.bytes),
            let end = document.members(at: document.root)?.last?.range.upperBound
        else { return nil }
        let subject = document.find("/subject").flatMap { document.string(at: $0) }
        var line = Array(payload.bytes[..<end])
        line.append(UInt8(ascii: ","))
        let isOther = subject.map { !$0.utf8.elementsEqual(recorded.stream.text.utf8) } ?? true
        LedgerAttributes.append(recorded, naming: isOther, to: &line)
        line += payload.bytes[end...]
        guard let again = try? read(line, at: .init(file: "")), again.subject == recorded.stream.text else {
            return nil
        }
        var event = recorded.event
        // An event without a time is recorded with the ledger's; its CloudEvent, and the id made from it, have none.
        if again.event.occurred == nil, event.occurred == recorded.recorded { event.occurred = nil }
        return again.event == event ? line : nil
    }
}
