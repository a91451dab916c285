public import Digests

/// What an entry has beside its event and its stream's name: keys 1 to 3, 5 and 6.
public struct EntryPosition: Hashable, Sendable {
    public var index: EntryIndex
    /// The leaf hash of the entry before, zero at index 0.
    public var previous: Digest
    /// Not before 1970 (F6).
    public var recorded: Timestamp
    public var revision: Revision
    /// The leaf hash of the stream's entry before, nil at revision 0.
    public var streamPrevious: Digest?

    public init(
        index: EntryIndex, previous: Digest, recorded: Timestamp, revision: Revision, streamPrevious: Digest?
    ) {
        self.index = index
        self.previous = previous
        self.recorded = recorded
        self.revision = revision
        self.streamPrevious = streamPrevious
    }
}

extension EntryPosition {
    /// Appends the entry that `fields`, which lie in `bytes`, make at this position of `stream` to `output`, with
    /// `signature` when it ends a signed append. O(size).
    ///
    /// Throws ``FormatError/Code/tooLarge`` when the entry would have more than 65,535 bytes (F1) and `outOfRange` when
    /// it would be recorded before 1970 (F6); `output` is then as before.
    public func encode(
        _ fields: EncodedFields, in bytes: Span<UInt8>, stream: StreamName, signature: AppendSignature? = nil,
        into output: inout [UInt8]
    ) throws(FormatError) {
        guard recorded >= .epoch else {
            throw FormatError(.outOfRange, "an entry cannot be recorded at \(recorded), before 1970: set the clock")
        }
        let start = output.count
        let count = 10 + fields.optionalCount + (streamPrevious == nil ? 0 : 1) + (signature == nil ? 0 : 1)
        let name = stream.text.utf8.span
        output.append(addingCapacity: 256 + name.count + fields.end - fields.start) { output in
            output.append(.map, UInt64(count))
            append(to: &output, stream: name)
            if fields.statesTime {
                output.append(collecting: bytes.extracting(fields.start..<fields.end))
            } else {
                output.append(collecting: bytes.extracting(fields.start..<fields.timeOffset))
                output.append(Entry.Key.occurred)
                output.append(recorded.microseconds)
                output.append(collecting: bytes.extracting(fields.timeOffset..<fields.end))
            }
        }
        if let signature { signature.append(to: &output) }
        let size = output.count - start
        guard size <= Entry.maximumByteCount else {
            output.removeLast(size)
            throw FormatError(
                .tooLarge, "the entry would have \(size) bytes; at most \(Entry.maximumByteCount) are allowed")
        }
    }

    /// Keys 0 to 6.
    @inline(__always)
    private func append(to output: inout OutputSpan<UInt8>, stream: Span<UInt8>) {
        output.append(Entry.Key.version)
        output.append(.unsigned, Entry.version)
        output.append(Entry.Key.index)
        output.append(.unsigned, index.rawValue)
        output.append(.previous, previous)
        output.append(Entry.Key.recorded)
        output.append(.unsigned, UInt64(recorded.microseconds))
        output.append(Entry.Key.stream)
        output.append(.text, collecting: stream)
        output.append(Entry.Key.revision)
        output.append(.unsigned, revision.rawValue)
        if let streamPrevious { output.append(.streamPrevious, streamPrevious) }
    }
}

extension AppendSignature {
    /// Appends key 15.
    fileprivate func append(to output: inout [UInt8]) {
        let room = 64 + keyID.count + signature.count
        output.append(addingCapacity: room) { output in
            output.append(Entry.Key.append)
            output.append(.array, 3)
            output.append(.unsigned, count)
            output.append(.bytes, collecting: keyID.span)
            output.append(.bytes, collecting: signature.span)
        }
    }
}
