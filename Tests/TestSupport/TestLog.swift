public import Digests
public import Merkle
public import Signing
public import Transparency

/// A log with one key, whose entries are numbers.
public struct TestLog: Sendable {
    public let origin: LogOrigin
    public let signer: PrivateKey
    public let key: NoteKey
    public private(set) var tree = MemoryTree()

    public init(_ origin: String, size: Int = 0) throws {
        self.origin = try LogOrigin(origin)
        signer = try PrivateKey.generate()
        key = try NoteKey(name: KeyName(origin), publicKey: signer.publicKey)
        grow(size)
    }

    private init(like other: TestLog) {
        (origin, signer, key) = (other.origin, other.signer, other.key)
    }

    /// The same log without entries.
    public var emptied: TestLog { TestLog(like: self) }

    /// Appends entries that `salt` sets apart from those of another branch.
    public mutating func grow(_ count: Int, salt: UInt8 = 0) {
        for _ in 0..<count {
            let entry = [salt] + Array("\(tree.size)".utf8)
            tree.append(MerkleHash.leaf(entry.span))
        }
    }

    /// The same log with other entries from `start` on, `size` in all.
    public func forked(at start: Int, to size: Int) -> TestLog {
        var fork = emptied
        fork.grow(start)
        fork.grow(size - start, salt: 1)
        return fork
    }

    public var size: TreeSize { tree.size }
    public var head: Checkpoint { Checkpoint(origin: origin, size: size, root: tree.root) }

    public func checkpoint() throws -> SignedCheckpoint { try head.signed(by: signer) }

    /// The hashes that show that this tree continues its first `old` entries.
    public func proof(from old: TreeSize) throws -> [Digest] {
        guard old > 0, old < size else { return [] }
        return try tree.consistencyProof(from: old, to: size).hashes
    }

    public func request(from old: TreeSize) throws -> [UInt8] {
        try requestBytes(old: "\(old)", proof: proof(from: old), checkpoint: checkpoint().bytes)
    }
}

/// A request put together by hand, right or wrong.
public func requestBytes(old: String, proof: [Digest], checkpoint: [UInt8]) -> [UInt8] {
    var bytes = Array("old \(old)\n".utf8)
    for hash in proof {
        Base64.append(hash.bytes, to: &bytes)
        bytes.append(0x0A)
    }
    return bytes + [0x0A] + checkpoint
}
