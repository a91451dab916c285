internal import CZlib

/// Decompresses gzip (RFC 1952), any number of members one after the other.
///
/// The only file that calls zlib. The stream's state lives at a fixed address because zlib points back to it; input
/// and output are arrays lent for one call, in which zlib advances no further than the counts that it is given.
@safe
struct GzipDecoder: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8]
    private var offset = 0
    /// Whether the last member is complete and nothing follows so far.
    private var isBetweenMembers = false
    private var completeMembers = 0
    /// Whether the source has no more bytes.
    private var isAtEnd = false

    /// Begins with the compressed bytes `head`, which were read already.
    init(head: [UInt8]) {
        input = head
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, plus 16: a gzip header, its checksum and length are required.
        let status = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot start: status \(status)")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Replaces `chunk` with the next at most 128 KiB of contents, taking compressed bytes from `source` as needed;
    /// leaves it empty at the end. Throws when the compressed bytes are damaged or end inside a member.
    mutating func read(into chunk: inout [UInt8], from source: inout ByteSource) throws(InterchangeError) {
        repeat {
            if offset == input.count, !isAtEnd {
                offset = 0
                try source.read(into: &input)
                isAtEnd = input.isEmpty
            }
            if isBetweenMembers {
                guard offset < input.count else {
                    chunk = []
                    return
                }
                unsafe inflateReset(stream)
                isBetweenMembers = false
            }
            try step(into: &chunk, file: source.name)
        } while chunk.isEmpty
    }

    /// Decompresses what fits into a chunk; zlib may hold contents back after it has taken the last byte of input.
    private mutating func step(into chunk: inout [UInt8], file: String) throws(InterchangeError) {
        switch inflateStep(into: &chunk) {
        case Z_STREAM_END:
            isBetweenMembers = true
            completeMembers += 1
        case Z_OK, Z_BUF_ERROR:
            guard !chunk.isEmpty || !isAtEnd else { throw truncated(file) }
        default: throw corrupt(file)
        }
    }

    /// Lets zlib work through what it can of the input, into a fresh chunk.
    private mutating func inflateStep(into chunk: inout [UInt8]) -> Int32 {
        var status = Z_OK
        var consumed = 0
        let (stream, offset) = unsafe (self.stream, self.offset)
        unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe stream.pointee.next_in = source.baseAddress?.advanced(by: offset)
            unsafe stream.pointee.avail_in = UInt32(source.count - offset)
            unsafe chunk = [UInt8](unsafeUninitializedCapacity: InputFile.chunkByteCount) { buffer, initialized in
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(buffer.count)
                status = unsafe inflate(stream, Z_NO_FLUSH)
                initialized = unsafe buffer.count - Int(stream.pointee.avail_out)
            }
            consumed = unsafe source.count - offset - Int(stream.pointee.avail_in)
        }
        self.offset += consumed
        return status
    }

    private func truncated(_ file: String) -> InterchangeError {
        InterchangeError(
            .truncated, "the gzip file ends before its contents do; copy or download it again", at: .init(file: file))
    }

    private func corrupt(_ file: String) -> InterchangeError {
        let reason =
            completeMembers > 0
            ? "the gzip file goes on with damaged or other bytes after a complete part; copy or download it again"
            : "the gzip file is damaged; copy or download it again"
        return InterchangeError(.corrupt, reason, at: .init(file: file))
    }
}
