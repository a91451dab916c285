/// A file that is read once from start to end, in chunks of at most 128 KiB; gzip is recognised by its first two
/// bytes and decompressed.
public struct InputFile: ~Copyable {
    /// The most bytes of one chunk.
    public static let chunkByteCount = 128 << 10

    private var source: ByteSource
    private var gzip: GzipDecoder?
    private var hasStarted = false

    /// Opens the file at `path`, or standard input when it is `-`.
    public init(path: String) throws(InterchangeError) {
        source = try ByteSource(path: path)
        gzip = nil
    }

    /// Reads `bytes` as if they were a file; `name` stands in errors.
    public init(bytes: [UInt8], name: String) {
        source = ByteSource(bytes: bytes, name: name)
        gzip = nil
    }

    /// The path as it was given, or "standard input".
    public var name: String { source.name }

    /// The next 1 to 131,072 bytes, or nil at the end.
    ///
    /// Throws ``InterchangeError`` when the system cannot read, and when gzip is cut off or damaged.
    public mutating func read() throws(InterchangeError) -> [UInt8]? {
        var chunk: [UInt8] = []
        if !hasStarted {
            hasStarted = true
            if let first = try start() { return first }
        }
        if gzip != nil {
            try gzip?.read(into: &chunk, from: &source)
        } else {
            try source.read(into: &chunk)
        }
        return chunk.isEmpty ? nil : chunk
    }

    /// Looks at the first two bytes, which a pipe may give one at a time; returns them when they are the contents.
    private mutating func start() throws(InterchangeError) -> [UInt8]? {
        var head: [UInt8] = []
        var chunk: [UInt8] = []
        repeat {
            try source.read(into: &chunk)
            head += chunk
        } while head.count < 2 && !chunk.isEmpty
        guard head.starts(with: [0x1f, 0x8b]) else { return head.isEmpty ? nil : head }
        gzip = GzipDecoder(head: head)
        return nil
    }
}
