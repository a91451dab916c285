public import Digests
internal import Merkle

/// The proof that a later checkpoint of a log continues an earlier one, in one file: `<name>.mohur-consistency`.
///
/// A text to keep and to check without asking anybody:
///
///     mohur/consistency/v1
///     old <base64 of the earlier checkpoint, verbatim>
///     new <base64 of the later checkpoint, verbatim>
///     <base64 of a hash>          none or more (RFC 6962 §2.1.2)
public struct ConsistencyReceipt: Hashable, Sendable {
    /// The most bytes of a file, 4 MiB: two notes of the most bytes.
    public static let maximumByteCount = 4 << 20

    /// The most hashes that a proof between trees of fewer than 2^64 entries has.
    public static let maximumHashCount = 65

    static let header = "mohur/consistency/v1"

    public let old: SignedCheckpoint
    public let new: SignedCheckpoint
    public let hashes: [Digest]

    /// Throws `notIncluded` when the hashes do not show that `new` continues `old`, and `unknownLog` when they are of
    /// two origins.
    public init(old: SignedCheckpoint, new: SignedCheckpoint, hashes: [Digest]) throws(TransparencyError) {
        (self.old, self.new, self.hashes) = (old, new, hashes)
        try verifyContinuation()
    }

    /// Reads the one spelling that ``bytes`` writes. O(n). No proof and no signature is verified.
    ///
    /// Throws `malformedProof`, `tooLarge`, or what reading a `SignedCheckpoint` throws.
    public init(_ bytes: [UInt8]) throws(TransparencyError) {
        guard bytes.count <= ConsistencyReceipt.maximumByteCount else {
            throw TransparencyError(
                .tooLarge,
                "the receipt has \(bytes.count) bytes; at most \(ConsistencyReceipt.maximumByteCount) are allowed")
        }
        var lines = LineReader(bytes)
        guard let first = lines.next(), first.elementsEqual(ConsistencyReceipt.header.utf8) else {
            throw TransparencyError(.malformedProof, "the first line is not \(ConsistencyReceipt.header)", line: 1)
        }
        old = try ConsistencyReceipt.checkpoint("old", &lines)
        new = try ConsistencyReceipt.checkpoint("new", &lines)
        hashes = try lines.lastHashes(
            atMost: ConsistencyReceipt.maximumHashCount, of: "receipt", .malformedProof,
            tooMany: TransparencyError(.tooLarge, "more than \(ConsistencyReceipt.maximumHashCount) hashes"))
    }

    private static func checkpoint(
        _ word: String, _ lines: inout LineReader
    ) throws(TransparencyError) -> SignedCheckpoint {
        let line = lines.next() ?? []
        guard let text = line.argument(of: word), let note = Base64.decode(Array(text)) else {
            throw TransparencyError(
                .malformedProof, "\(quoted(line)) is not `\(word)` and the base64 of a checkpoint", line: lines.number)
        }
        return try SignedCheckpoint(note)
    }

    /// The receipt's text.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(line: ConsistencyReceipt.header)
        for (word, checkpoint) in [("old", old), ("new", new)] {
            bytes += Array("\(word) ".utf8)
            Base64.append(checkpoint.bytes, to: &bytes)
            bytes.append(newline)
        }
        for hash in hashes { bytes.append(line: hash.base64) }
        return bytes
    }
}

// MARK: - Checking

extension ConsistencyReceipt {
    /// What a receipt that was checked shows: what the policy says of either checkpoint.
    public struct Result: Hashable, Sendable {
        public let old: PolicyResult
        public let new: PolicyResult
    }

    /// Checks that a log of the policy signed both checkpoints, that enough witnesses cosigned the later, and that it
    /// continues the earlier.
    ///
    /// The earlier may have been signed before there were witnesses: whether it met the quorum is reported.
    /// `alsoTrusting` are log keys that are known from elsewhere. Throws what ``TrustPolicy/check(_:alsoTrusting:)``
    /// throws, `quorumNotMet`, `unknownLog` and `notIncluded`.
    public func verify(
        policy: TrustPolicy, alsoTrusting others: [NoteKey] = []
    ) throws(TransparencyError) -> Result {
        let result = Result(
            old: try policy.check(old, alsoTrusting: others), new: try policy.check(new, alsoTrusting: others))
        try result.new.requireQuorum()
        try verifyContinuation()
        return result
    }

    private func verifyContinuation() throws(TransparencyError) {
        let (first, second) = (old.checkpoint, new.checkpoint)
        guard first.origin == second.origin else {
            throw TransparencyError(
                .unknownLog, "the checkpoints are of two logs, \(first.origin) and \(second.origin)")
        }
        let proof = ConsistencyProof(first: first.size, second: second.size, hashes: hashes)
        do throws(MerkleError) { try proof.verify(first: first.root, second: second.root) } catch {
            throw TransparencyError(
                .notIncluded,
                "the receipt does not show that \(second) continues \(first): \(error.reason)")
        }
    }
}
