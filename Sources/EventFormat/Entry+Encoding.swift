internal import Digests

extension Entry {
    /// The version of the format that this code writes.
    public static let version: UInt64 = 1

    enum Key: UInt64 {
        case version = 0
        case index, previous, recorded, stream, revision, streamPrevious, id, type, source, occurred
        case payload, schema, correlation, causation, append
    }

    /// What the entry has beside its event and its stream's name.
    public var position: EntryPosition {
        EntryPosition(
            index: index, previous: previous, recorded: recorded, revision: revision, streamPrevious: streamPrevious)
    }

    /// Appends the entry's bytes to `output`. O(size of the entry).
    ///
    /// Throws ``FormatError/Code/tooLarge`` when they are more than 65,535 (F1), and `outOfRange` when `recorded` is
    /// before 1970 (F6); `output` is then as before. Other fields are taken as valid: ``Event/validate()`` and the
    /// ledger see to that.
    public func encode(into output: inout [UInt8]) throws(FormatError) {
        var bytes: [UInt8] = []
        let fields = encodeFields(payload: payload, time: occurred, into: &bytes)
        try position.encode(fields, in: bytes.span, stream: stream, signature: append, into: &output)
    }

    /// The entry's bytes.
    public func encoded() throws(FormatError) -> [UInt8] {
        var output: [UInt8] = []
        try encode(into: &output)
        return output
    }
}
