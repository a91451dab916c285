public import Digests
public import EventFormat
public import Merkle

/// What a log says of itself: its origin, its size and its root (C2SP tlog-checkpoint v1.0.0).
public struct Checkpoint: Hashable, Sendable {
    public let origin: LogOrigin
    public let size: TreeSize
    public let root: Digest

    public init(origin: LogOrigin, size: TreeSize, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The checkpoint of a ledger.
    public init(origin: Origin, size: TreeSize, root: Digest) {
        self.init(origin: LogOrigin(origin), size: size, root: root)
    }

    /// Reads the one spelling that ``text`` writes: three lines and no extension lines.
    ///
    /// Throws `malformedCheckpoint` or `invalidText`.
    public init(text: [UInt8]) throws(TransparencyError) {
        let (checkpoint, extensions) = try Checkpoint.read(text)
        guard extensions.isEmpty else {
            throw TransparencyError(
                .malformedCheckpoint, "the checkpoint has \(extensions.count) lines more than the three it needs")
        }
        self = checkpoint
    }

    /// Origin, size and root, a line each.
    public var text: [UInt8] {
        var text = origin.bytes + [newline]
        text.append(line: "\(size)")
        text.append(line: root.base64)
        return text
    }

    /// Checks that a tree of no entries has the root SHA-256(""); any root goes for larger trees.
    ///
    /// Throws `emptyTreeRoot`.
    public func checkEmptyTree() throws(TransparencyError) {
        guard size > 0 || root == MerkleHash.emptyRoot else {
            throw TransparencyError(
                .emptyTreeRoot, "a checkpoint of no entries has the root \(MerkleHash.emptyRoot), not \(root)")
        }
    }
}

extension Checkpoint {
    /// The lines of a checkpoint, and the extension lines behind them without their newlines.
    static func read(_ text: [UInt8]) throws(TransparencyError) -> (Checkpoint, extensions: [[UInt8]]) {
        guard isNoteText(text) else {
            throw TransparencyError(.invalidText, "the checkpoint is not UTF-8, or has a control character")
        }
        var lines = LineReader(text)
        guard let origin = lines.next(), let size = lines.next(), let root = lines.next() else {
            throw TransparencyError(
                .malformedCheckpoint, "a checkpoint has three lines (origin, size, root), each ending in a newline")
        }
        guard let size = UInt64(decimal: size) else {
            throw TransparencyError(
                .malformedCheckpoint,
                "the size \(quoted(size)) is not a decimal below 2^64 without sign and leading zeros", line: 2)
        }
        guard let root = root.base64Digest else {
            throw TransparencyError(
                .malformedCheckpoint, "the root \(quoted(root)) is not the base64 of 32 bytes", line: 3)
        }
        var extensions: [[UInt8]] = []
        while let line = lines.next() {
            guard !line.isEmpty else {
                throw TransparencyError(.malformedCheckpoint, "an extension line is empty", line: lines.number)
            }
            extensions.append(Array(line))
        }
        guard lines.isAtEnd else {
            throw TransparencyError(.malformedCheckpoint, "the checkpoint's last line does not end in a newline")
        }
        return (Checkpoint(origin: try LogOrigin(bytes: origin), size: TreeSize(size), root: root), extensions)
    }
}

extension Checkpoint: CustomStringConvertible {
    public var description: String { "\(size) entries of \(origin) with the root \(root)" }
}
