/// An ``InputFile`` byte by byte, with the place of the next one.
struct ByteReader: ~Copyable {
    private var input: InputFile
    private var chunk: [UInt8] = []
    private var offset = 0
    /// The next byte's line, from 1.
    private(set) var line = 1
    /// The next character's place in its line, from 1, in Unicode scalars.
    private(set) var column = 1

    init(_ input: consuming InputFile) {
        self.input = input
    }

    var place: InterchangeError.Place { .init(file: input.name, line: line, column: column) }

    /// The next byte, left where it is, or nil at the end.
    mutating func peek() throws(InterchangeError) -> UInt8? {
        guard try fill() else { return nil }
        return chunk[offset]
    }

    /// Passes the byte that ``peek()`` returned.
    mutating func advance() {
        precondition(offset < chunk.count, "advanced beyond what was read")
        if chunk[offset] == UInt8(ascii: "\n") {
            line += 1
            column = 1
        } else if chunk[offset] & 0xc0 != 0x80 {
            column += 1
        }
        offset += 1
    }

    /// The bytes up to LF, CRLF or the end, without the line's ending; nil at the end.
    ///
    /// Throws when there are more than `maximum`, having read no more than that and a chunk.
    mutating func nextLine(maximum: Int) throws(InterchangeError) -> [UInt8]? {
        guard try fill() else { return nil }
        var bytes: [UInt8] = []
        while try fill() {
            let rest = chunk[offset...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? chunk.count
            // One more for the CR, which is no part of the line.
            guard bytes.count + end - offset <= maximum + 1 else { throw tooLong(maximum) }
            bytes += chunk[offset..<end]
            offset = end
            if offset < chunk.count {
                offset += 1
                break
            }
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard bytes.count <= maximum else { throw tooLong(maximum) }
        line += 1
        column = 1
        return bytes
    }

    private func tooLong(_ maximum: Int) -> InterchangeError {
        InterchangeError(
            .tooLarge, "the line has more than \(maximum) bytes; check that it holds one record",
            at: .init(file: input.name, line: line))
    }

    /// Whether a byte is there, reading the next chunk when needed.
    private mutating func fill() throws(InterchangeError) -> Bool {
        guard offset == chunk.count else { return true }
        do throws(InterchangeError) {
            chunk = try input.read() ?? []
        } catch {
            throw error.located(at: place)
        }
        offset = 0
        return !chunk.isEmpty
    }
}
