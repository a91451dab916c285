public import Digests
public import Merkle

/// What a log sends to a witness: its new checkpoint, and the proof that it continues the one that the witness knows
/// (C2SP tlog-witness v1.0.0, "add-checkpoint").
///
/// `old <size>`, the proof's hashes a line each, an empty line, the checkpoint. Reading judges the form only: what
/// does not fit together has an answer of its own in the protocol.
public struct AddCheckpointRequest: Hashable, Sendable {
    /// The most bytes of a request, 128 KiB.
    public static let maximumByteCount = 128 << 10

    /// The most bytes that every known witness takes, 16 KiB: more are not written.
    public static let maximumPortableByteCount = 16 << 10

    /// The most hashes.
    public static let maximumHashCount = 63

    /// The size that the witness is believed to know, 0 when it knows none or to ask for it.
    public let old: TreeSize

    /// The consistency proof from ``old`` to the checkpoint's size.
    public let hashes: [Digest]

    public let checkpoint: SignedCheckpoint

    /// Throws `malformedRequest` when `old` is larger than the checkpoint or hashes are given where none are needed,
    /// and `tooLarge` for more than 63 hashes or 16 KiB: send the log's own signature lines only.
    public init(
        old: TreeSize, hashes: [Digest], checkpoint: SignedCheckpoint
    ) throws(TransparencyError) {
        let size = checkpoint.checkpoint.size
        guard old <= size else {
            throw TransparencyError(
                .malformedRequest, "the checkpoint has \(size) entries, fewer than the \(old) that the witness knows")
        }
        guard hashes.isEmpty || (old > 0 && old < size) else {
            throw TransparencyError(
                .malformedRequest,
                "from \(old) to \(size) entries there is nothing to prove, and \(hashes.count) hashes")
        }
        guard hashes.count <= AddCheckpointRequest.maximumHashCount else { throw AddCheckpointRequest.tooManyHashes }
        self.old = old
        self.hashes = hashes
        self.checkpoint = checkpoint
        guard bytes.count <= AddCheckpointRequest.maximumPortableByteCount else {
            throw TransparencyError(
                .tooLarge,
                "the request has \(bytes.count) bytes; witnesses take "
                    + "\(AddCheckpointRequest.maximumPortableByteCount): send the checkpoint with the log's own "
                    + "signature lines only")
        }
    }

    /// Reads the one spelling that ``bytes`` writes. O(n).
    ///
    /// Throws `malformedRequest`, `tooLarge`, or what reading a `SignedCheckpoint` throws: a witness answers each with
    /// status 400.
    public init(_ bytes: [UInt8]) throws(TransparencyError) {
        guard bytes.count <= AddCheckpointRequest.maximumByteCount else {
            throw TransparencyError(
                .tooLarge,
                "the request has \(bytes.count) bytes; at most \(AddCheckpointRequest.maximumByteCount) are allowed")
        }
        var lines = LineReader(bytes)
        let first = lines.next() ?? []
        guard let text = first.argument(of: "old"), let old = UInt64(decimal: text) else {
            throw TransparencyError(
                .malformedRequest,
                "\(quoted(first)) is not `old` and a decimal below 2^64 without sign and leading zeros", line: 1)
        }
        hashes = try lines.hashes(
            atMost: AddCheckpointRequest.maximumHashCount, of: "request", .malformedRequest,
            tooMany: AddCheckpointRequest.tooManyHashes)
        self.old = TreeSize(old)
        checkpoint = try SignedCheckpoint(Array(lines.rest))
    }

    /// The body of the request.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(line: "old \(old)")
        for hash in hashes { bytes.append(line: hash.base64) }
        bytes.append(newline)
        return bytes + checkpoint.bytes
    }

    private static var tooManyHashes: TransparencyError {
        TransparencyError(.tooLarge, "more than \(maximumHashCount) hashes of a consistency proof")
    }
}
