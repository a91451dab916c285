/// The CloudEvents of a file: one a line (blank lines are passed over), or one JSON array of them
/// (`application/cloudevents-batch+json`).
///
/// Holds one event at a time in memory.
public struct CloudEventReader: ~Copyable {
    private enum State {
        case start, lines, firstElement, nextElement, finished
    }

    private var reader: ByteReader
    private var state = State.start
    private let subjectNamesStream: Bool

    /// `subjectNamesStream` as in ``CloudEvent/read(_:subjectNamesStream:at:)``.
    public init(_ input: consuming InputFile, subjectNamesStream: Bool = true) {
        reader = ByteReader(input)
        self.subjectNamesStream = subjectNamesStream
    }

    /// The next event, or nil behind the last; after an error there is none.
    public mutating func next() throws(InterchangeError) -> CloudEvent.Incoming? {
        do throws(InterchangeError) {
            return try read()
        } catch {
            state = .finished
            throw error
        }
    }

    private mutating func read() throws(InterchangeError) -> CloudEvent.Incoming? {
        guard state != .finished else { return nil }
        guard let byte = try reader.skipSpace() else {
            if state == .firstElement || state == .nextElement { throw openBatch() }
            state = .finished
            return nil
        }
        if state == .start {
            state = byte == UInt8(ascii: "[") ? .firstElement : .lines
            if state == .firstElement {
                reader.advance()
                return try read()
            }
        }
        let place = reader.place
        switch state {
        case .firstElement where byte == UInt8(ascii: "]"):
            try endBatch()
            return nil
        case .firstElement, .nextElement:
            let bytes = try reader.arrayElement(maximum: LineReader.maximumByteCount)
            let event = try CloudEvent.read(bytes, subjectNamesStream: subjectNamesStream, at: place)
            try passSeparator()
            return event
        default:
            guard let bytes = try reader.nextLine(maximum: LineReader.maximumByteCount) else { return nil }
            return try CloudEvent.read(bytes, subjectNamesStream: subjectNamesStream, at: place)
        }
    }

    private mutating func passSeparator() throws(InterchangeError) {
        switch try reader.peek() {
        case UInt8(ascii: ","):
            reader.advance()
            state = .nextElement
        case UInt8(ascii: "]"): try endBatch()
        default:
            throw InterchangeError(
                .syntax, "the batch needs \",\" or \"]\" behind an event; check its brackets", at: reader.place)
        }
    }

    private mutating func endBatch() throws(InterchangeError) {
        reader.advance()
        state = .finished
        guard try reader.skipSpace() == nil else {
            throw InterchangeError(
                .syntax, "something follows the batch; a file holds one array, or one event a line", at: reader.place)
        }
    }

    private func openBatch() -> InterchangeError {
        InterchangeError(
            .truncated, "the file ends inside of the batch that begins with \"[\"; it may be cut off",
            at: reader.place)
    }
}
