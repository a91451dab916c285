internal import Digests

extension Entry {
    /// The version of the format that this code writes.
    public static let version: UInt64 = 1

    enum Key: UInt64 {
        case version = 0
        case index, previous, recorded, stream, revision, streamPrevious, id, type, source, occurred
        case payload, schema, correlation, causation, append
    }

    /// Appends the entry's bytes to `output`. O(size of the entry), without intermediate arrays.
    ///
    /// Throws ``FormatError/Code/tooLarge`` when they are more than 65,535 (F1), and `outOfRange` when `recorded` is
    /// before 1970 (F6); `output` is then as before. Other fields are taken as valid: ``Event/validate()`` and the
    /// ledger see to that.
    public func encode(into output: inout [UInt8]) throws(FormatError) {
        guard recorded >= .epoch else {
            throw FormatError(.outOfRange, "an entry cannot be recorded at \(recorded), before 1970: set the clock")
        }
        let start = output.count
        CBOR.appendHead(.map, fieldCount, to: &output)
        appendPosition(to: &output)
        appendEvent(to: &output)
        if let append { Entry.append(append, to: &output) }
        let size = output.count - start
        guard size <= Entry.maximumByteCount else {
            output.removeLast(size)
            throw FormatError(
                .tooLarge, "the entry would have \(size) bytes; at most \(Entry.maximumByteCount) are allowed")
        }
    }

    /// The entry's bytes.
    public func encoded() throws(FormatError) -> [UInt8] {
        var output: [UInt8] = []
        try encode(into: &output)
        return output
    }

    private var fieldCount: UInt64 {
        var count: UInt64 = 10
        if streamPrevious != nil { count += 1 }
        if payload != nil { count += 1 }
        if schema != nil { count += 1 }
        if correlation != nil { count += 1 }
        if causation != nil { count += 1 }
        if append != nil { count += 1 }
        return count
    }

    private func appendPosition(to output: inout [UInt8]) {
        Entry.append(.version, Entry.version, to: &output)
        Entry.append(.index, index.rawValue, to: &output)
        Entry.append(.previous, previous, to: &output)
        Entry.append(.recorded, UInt64(recorded.microseconds), to: &output)
        Entry.append(.stream, stream.text, to: &output)
        Entry.append(.revision, revision.rawValue, to: &output)
        if let streamPrevious { Entry.append(.streamPrevious, streamPrevious, to: &output) }
    }

    private func appendEvent(to output: inout [UInt8]) {
        Entry.append(.id, id, to: &output)
        Entry.append(.type, type, to: &output)
        Entry.append(.source, source, to: &output)
        CBOR.appendHead(.unsigned, Key.occurred.rawValue, to: &output)
        CBOR.append(occurred.microseconds, to: &output)
        if let payload {
            CBOR.appendHead(.unsigned, Key.payload.rawValue, to: &output)
            CBOR.appendHead(.array, 4, to: &output)
            CBOR.appendHead(.unsigned, UInt64(payload.form.rawValue), to: &output)
            CBOR.appendHead(.bytes, UInt64(Digest.byteCount), to: &output)
            payload.digest.append(to: &output)
            CBOR.appendHead(.unsigned, payload.size, to: &output)
            CBOR.append(payload.mediaType, to: &output)
        }
        if let schema { Entry.append(.schema, schema, to: &output) }
        if let correlation { Entry.append(.correlation, correlation, to: &output) }
        if let causation { Entry.append(.causation, causation, to: &output) }
    }

    private static func append(_ key: Key, _ value: UInt64, to output: inout [UInt8]) {
        CBOR.appendHead(.unsigned, key.rawValue, to: &output)
        CBOR.appendHead(.unsigned, value, to: &output)
    }

    private static func append(_ key: Key, _ value: Digest, to output: inout [UInt8]) {
        CBOR.appendHead(.unsigned, key.rawValue, to: &output)
        CBOR.appendHead(.bytes, UInt64(Digest.byteCount), to: &output)
        value.append(to: &output)
    }

    private static func append(_ key: Key, _ value: String, to output: inout [UInt8]) {
        CBOR.appendHead(.unsigned, key.rawValue, to: &output)
        CBOR.append(value, to: &output)
    }

    private static func append(_ key: Key, _ value: EventID, to output: inout [UInt8]) {
        CBOR.appendHead(.unsigned, key.rawValue, to: &output)
        CBOR.appendHead(.bytes, UInt64(EventID.byteCount), to: &output)
        value.append(to: &output)
    }

    private static func append(_ signature: AppendSignature, to output: inout [UInt8]) {
        CBOR.appendHead(.unsigned, Key.append.rawValue, to: &output)
        CBOR.appendHead(.array, 3, to: &output)
        CBOR.appendHead(.unsigned, signature.count, to: &output)
        CBOR.appendHead(.bytes, UInt64(signature.keyID.count), to: &output)
        output.append(contentsOf: signature.keyID)
        CBOR.appendHead(.bytes, UInt64(signature.signature.count), to: &output)
        output.append(contentsOf: signature.signature)
    }
}
