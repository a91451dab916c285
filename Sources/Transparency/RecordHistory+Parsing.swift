internal import Digests
internal import EventFormat

extension RecordHistory {
    /// Reads the one spelling that ``bytes`` writes. O(n). Whether the entries belong together is what
    /// ``verify(policy:alsoTrusting:)`` checks.
    ///
    /// Throws `malformedRecord` with the number of the line, `tooLarge`, or what reading a `TlogProof` throws.
    public init(_ bytes: [UInt8]) throws(TransparencyError) {
        guard bytes.count <= RecordHistory.maximumByteCount else { throw RecordHistory.tooManyBytes(bytes.count) }
        var lines = LineReader(bytes)
        guard let first = lines.next(), first.elementsEqual(RecordHistory.header.utf8) else {
            throw TransparencyError(.malformedRecord, "the first line is not \(RecordHistory.header)", line: 1)
        }
        let stream = try RecordHistory.readStream(lines.next() ?? [])
        var items: [Item] = []
        while let line = lines.next() {
            guard !line.isEmpty else { break }
            guard items.count < RecordHistory.maximumEntryCount else { throw RecordHistory.tooManyEntries }
            let number = lines.number
            let payload = lines.next() ?? []
            do throws(TransparencyError) { items.append(try RecordHistory.readItem(line, payload)) } catch {
                throw TransparencyError(error.code, error.reason, line: number)
            }
        }
        guard !items.isEmpty else {
            throw TransparencyError(.malformedRecord, "the history has no entries", line: lines.number)
        }
        self.init(unchecked: stream, items, try TlogProof(Array(lines.rest)))
    }

    private static func readStream(_ line: ArraySlice<UInt8>) throws(TransparencyError) -> StreamName {
        guard let name = line.argument(of: "stream"), let text = String(validating: name, as: UTF8.self) else {
            throw TransparencyError(.malformedRecord, "the second line is not `stream` and a name", line: 2)
        }
        do throws(FormatError) { return try StreamName(text) } catch {
            throw TransparencyError(.malformedRecord, error.reason, line: 2)
        }
    }

    private static func readItem(
        _ line: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>
    ) throws(TransparencyError) -> Item {
        guard let text = line.argument(of: "entry"), let bytes = Base64.decode(Array(text)) else {
            throw TransparencyError(.malformedRecord, "\(quoted(line)) is not `entry` and base64")
        }
        guard let text = payload.argument(of: "payload") else {
            throw TransparencyError(
                .malformedRecord, "an entry is not followed by `payload`, but by \(quoted(payload))")
        }
        if text.elementsEqual("-".utf8) { return try Item(bytes: bytes, envelope: nil) }
        guard let envelope = Base64.decode(Array(text)), !envelope.isEmpty else {
            throw TransparencyError(
                .malformedRecord, "the payload \(quoted(text)) is not the base64 of a byte or more; write - for none")
        }
        return try Item(bytes: bytes, envelope: envelope)
    }
}
