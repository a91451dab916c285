public import Digests
public import Merkle

/// A receipt: an entry's place in a tree, the way from it to the root, and the signed checkpoint (C2SP tlog-proof).
///
/// A text to keep as `<name>.tlog-proof` and to check without asking anybody:
///
///     c2sp.org/tlog-proof@v1
///     extra <base64>              optional
///     index <decimal>
///     <base64 of a hash>          none or more, the leaf's sibling first
///                                 an empty line
///     <the checkpoint, verbatim>
public struct TlogProof: Hashable, Sendable {
    /// The most bytes of a receipt, 4 MiB: a note of the most bytes and as much again in `extra`.
    public static let maximumByteCount = 4 << 20

    /// The most hashes; a tree of fewer than 2^64 entries needs no more.
    public static let maximumHashCount = 64

    /// The most bytes of `extra` that are written: readers with lines of 64 KiB at most take no more.
    public static let maximumExtraByteCount = 49_000

    private static let header = "c2sp.org/tlog-proof@v1"

    /// The place of the entry.
    public let index: LeafIndex

    /// The audit path.
    public let hashes: [Digest]

    /// Bytes of the application, nil when there are none. Nothing signs them: what they say must be checked.
    public let extra: [UInt8]?

    /// The checkpoint as it was signed, a note; looked at by ``signedCheckpoint()`` and not before.
    public let checkpoint: [UInt8]

    /// Throws `malformedProof` or `tooLarge` when a reader might not take the receipt, such as for an empty `extra`
    /// (give nil) or an index that is not in the checkpoint's tree.
    public init(
        index: LeafIndex, hashes: [Digest], extra: [UInt8]? = nil, checkpoint: SignedCheckpoint
    ) throws(TransparencyError) {
        guard index.rawValue < checkpoint.checkpoint.size.rawValue else {
            throw TransparencyError(
                .malformedProof, "entry \(index) is not in a tree of \(checkpoint.checkpoint.size) entries")
        }
        guard hashes.count <= TlogProof.maximumHashCount else { throw TlogProof.tooManyHashes }
        guard extra?.isEmpty != true else {
            throw TransparencyError(.malformedProof, "a receipt without extra bytes has no line for them")
        }
        guard (extra?.count ?? 0) <= TlogProof.maximumExtraByteCount else {
            throw TransparencyError(
                .tooLarge,
                "\(extra?.count ?? 0) extra bytes; at most \(TlogProof.maximumExtraByteCount) are read everywhere")
        }
        self.index = index
        self.hashes = hashes
        self.extra = extra
        self.checkpoint = checkpoint.bytes
    }

    /// Reads the one spelling that ``bytes`` writes. O(n). The checkpoint is kept verbatim and not read.
    ///
    /// Throws `malformedProof` or `tooLarge`.
    public init(_ bytes: [UInt8]) throws(TransparencyError) {
        guard bytes.count <= TlogProof.maximumByteCount else {
            throw TransparencyError(
                .tooLarge, "the receipt has \(bytes.count) bytes; at most \(TlogProof.maximumByteCount) are allowed")
        }
        var lines = LineReader(bytes)
        guard let first = lines.next(), first.elementsEqual(TlogProof.header.utf8) else {
            throw TransparencyError(.malformedProof, "the first line is not \(TlogProof.header)", line: 1)
        }
        var line = lines.next() ?? []
        var extra: [UInt8]?
        if let text = line.argument(of: "extra") {
            extra = try TlogProof.readExtra(text)
            line = lines.next() ?? []
        }
        guard let text = line.argument(of: "index"), let index = UInt64(decimal: text) else {
            throw TransparencyError(
                .malformedProof,
                "\(quoted(line)) is not `index` and a decimal below 2^64 without sign and leading zeros",
                line: lines.number)
        }
        hashes = try lines.hashes(
            atMost: TlogProof.maximumHashCount, of: "receipt", .malformedProof, tooMany: TlogProof.tooManyHashes)
        guard !lines.isAtEnd else {
            throw TransparencyError(.malformedProof, "the receipt has no checkpoint behind its empty line")
        }
        self.index = LeafIndex(index)
        self.extra = extra
        checkpoint = Array(lines.rest)
    }

    /// The receipt's text.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(line: TlogProof.header)
        if let extra {
            bytes += Array("extra ".utf8)
            Base64.append(extra, to: &bytes)
            bytes.append(newline)
        }
        bytes.append(line: "index \(index)")
        for hash in hashes { bytes.append(line: hash.base64) }
        bytes.append(newline)
        return bytes + checkpoint
    }
}

// MARK: - Parsing

extension TlogProof {
    private static func readExtra(_ text: ArraySlice<UInt8>) throws(TransparencyError) -> [UInt8] {
        guard let extra = Base64.decode(Array(text)), !extra.isEmpty else {
            throw TransparencyError(
                .malformedProof, "the extra line is not base64 of a byte or more, with padding and nothing else",
                line: 2)
        }
        return extra
    }

    private static var tooManyHashes: TransparencyError {
        TransparencyError(.tooLarge, "more than \(maximumHashCount) hashes: no tree is so high")
    }
}

// MARK: - Checking

extension TlogProof {
    /// The checkpoint as a note, no signature verified.
    ///
    /// Throws what reading a `SignedCheckpoint` throws.
    public func signedCheckpoint() throws(TransparencyError) -> SignedCheckpoint {
        try SignedCheckpoint(checkpoint)
    }

    /// Checks that the entry with the leaf hash `leaf` is in a tree that the policy accepts, quorum included.
    ///
    /// `alsoTrusting` are log keys that are known from elsewhere. The times of cosignatures are reported and not
    /// judged. Throws what ``TrustPolicy/check(_:alsoTrusting:)`` throws, `quorumNotMet`, and `notIncluded`.
    @discardableResult
    public func verify(
        leaf: Digest, policy: TrustPolicy, alsoTrusting others: [NoteKey] = []
    ) throws(TransparencyError) -> PolicyResult {
        let result = try policy.check(signedCheckpoint(), alsoTrusting: others)
        try result.requireQuorum()
        try verifyInclusion(of: leaf, in: result.checkpoint)
        return result
    }

    /// Checks that the entry with the leaf hash `leaf` is in the tree of `checkpoint`, which somebody trusted signed.
    ///
    /// Throws `notIncluded`.
    public func verifyInclusion(of leaf: Digest, in checkpoint: Checkpoint) throws(TransparencyError) {
        let proof = InclusionProof(index: index, size: checkpoint.size, hashes: hashes)
        do throws(MerkleError) { try proof.verify(leaf: leaf, root: checkpoint.root) } catch {
            throw TransparencyError(
                .notIncluded,
                "the receipt does not show that the entry with the leaf hash \(leaf) is entry \(index) of "
                    + "\(checkpoint): \(error.reason)")
        }
    }
}
