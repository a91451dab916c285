internal import EventFormat
internal import JSON

extension CloudEvent {
    /// The extension attributes with which a ledger says where it recorded an event.
    ///
    /// `sequence` (the index, 20 digits), `recordedtime` and `revision` are recognised only together and only in the
    /// form that is written here: any of them alone is some other producer's attribute. `recordedstream` stands beside
    /// them where the subject is not the stream, and `payloadremoved` where the payload was removed.
    struct LedgerAttributes {
        private static let names = ["sequence", "recordedtime", "revision", "recordedstream", "payloadremoved"]

        let stream: String?
        let isPayloadRemoved: Bool

        /// The ledger's attributes among `extensions`, or nil when these are not a ledger's.
        init?(_ extensions: [JSONDocument.Member], of document: JSONDocument) {
            var texts: [String: String] = [:]
            for member in extensions where LedgerAttributes.names.contains(member.key) {
                guard let text = document.string(at: member.value) else { return nil }
                texts[member.key] = text
            }
            guard let sequence = texts["sequence"], sequence.utf8.count == 20,
                LedgerAttributes.isNumber(sequence.drop { $0 == "0" }.isEmpty ? "0" : sequence.drop { $0 == "0" }),
                let recorded = texts["recordedtime"],
                let moment = try? Timestamp(rfc3339: recorded), moment.description == recorded,
                let revision = texts["revision"], LedgerAttributes.isNumber(revision[...])
            else { return nil }
            stream = texts["recordedstream"]
            isPayloadRemoved = texts["payloadremoved"] == "true"
        }

        private static func isNumber(_ text: Substring) -> Bool {
            UInt64(text).map { String($0) == text } ?? false
        }

        static func contains(_ name: String) -> Bool { names.contains(name) }

        /// Appends `"sequence":…` and its companions, separated by commas.
        static func append(_ recorded: Recorded, naming stream: Bool, to output: inout [UInt8]) {
            let index = String(recorded.index.rawValue)
            let sequence = String(repeating: "0", count: 20 - index.utf8.count) + index
            output.append(contentsOf: #""sequence":"\#(sequence)","recordedtime":"\#(recorded.recorded)""#.utf8)
            output.append(contentsOf: #","revision":"\#(recorded.revision)""#.utf8)
            if recorded.isPayloadRemoved { output.append(contentsOf: #","payloadremoved":"true""#.utf8) }
            if stream {
                output.append(contentsOf: #","recordedstream":"#.utf8)
                JSONText.append(recorded.stream.text, to: &output)
            }
        }

        /// The source bytes of the object `attributes` without the ledger's attributes: byte for byte what they were
        /// added to when they stand where a ledger writes them, at the end.
        static func strip(from attributes: CloudEventAttributes) -> [UInt8] {
            let members = attributes.members
            let bytes = attributes.document.bytes
            let root = attributes.document.range(at: attributes.document.root)
            let kept = members.filter { !contains($0.key) }
            let isTail = members.prefix(kept.count).allSatisfy { !contains($0.key) }
            guard let first = kept.first, let last = kept.last, let end = members.last?.range.upperBound else {
                return Array(bytes[root])
            }
            if isTail { return Array(bytes[root.lowerBound..<last.range.upperBound] + bytes[end..<root.upperBound]) }
            var output = Array(bytes[root.lowerBound...root.lowerBound])
            for member in kept {
                if member.range != first.range { output.append(UInt8(ascii: ",")) }
                output += bytes[member.range]
            }
            return output + [UInt8(ascii: "}")]
        }
    }
}
