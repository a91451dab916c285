import Digests
import Ledger
import TestSupport
import Testing

/// Promise 5: chain and tree are over the same leaf hashes.
@Suite struct ProofTests {
    /// Appends until the ledger has `size` entries, in appends of changing length.
    private func grow(_ ledger: Ledger, to size: Int) async throws {
        var have = Int(try await ledger.size())
        while have < size {
            let count = min(size - have, 1 + have % 7)
            try await ledger.append((0..<count).map { note("\(have + $0)") }, to: try StreamName("s-\(have % 5)"))
            have += count
        }
    }

    @Test(arguments: Store.all)
    func `each entry is proved at every size and each size is a prefix of the next`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let largest = 100
            try await grow(ledger, to: largest)
            let leaves = try await ledger.events().collected().map(\.leaf)
            let roots = (0...largest).map { MemoryTree(leaves: leaves.prefix($0)).root }
            for size in 1...largest {
                let tree = TreeSize(UInt64(size))
                #expect(try await ledger.root(size: tree).root == roots[size])
                for index in stride(from: size % 3, to: size, by: 3) {
                    let proof = try await ledger.inclusionProof(of: EntryIndex(UInt64(index)), size: tree)
                    try proof.verify(leaf: leaves[index], root: roots[size])
                    #expect(throws: ProofError.self) { try proof.verify(leaf: leaves[index], root: roots[size - 1]) }
                }
                for first in stride(from: 1 + size % 4, through: size, by: 4) {
                    let proof = try await ledger.consistencyProof(from: TreeSize(UInt64(first)), to: tree)
                    try proof.verify(first: roots[first], second: roots[size])
                }
            }
        }
    }

    @Test(arguments: Store.all)
    func `proofs of sizes in the middle of a bigger ledger hold`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            for part in 0..<5 {
                try await ledger.append(
                    (0..<1117).map { _ in Event(type: "t", source: "s") }, to: try StreamName("s-\(part)"))
            }
            let leaves = try await ledger.events().collected().map(\.leaf)
            var generator = SeededGenerator(seed: 5586)
            let full = MemoryTree(leaves: leaves).root
            for size in [1, 15, 16, 17, 1023, 1024, 1025, 1117, 1118, 1119, 4096, 4097, 5585, 5586] {
                let tree = TreeSize(UInt64(size))
                let root = MemoryTree(leaves: leaves.prefix(size)).root
                #expect(try await ledger.root(size: tree).root == root)
                try await ledger.consistencyProof(from: tree).verify(first: root, second: full)
                for _ in 0..<8 {
                    let index = Int.random(in: 0..<size, using: &generator)
                    let proof = try await ledger.inclusionProof(of: EntryIndex(UInt64(index)), size: tree)
                    try proof.verify(leaf: leaves[index], root: root)
                }
            }
        }
    }

    @Test(arguments: Store.all)
    func `the roots that a ledger had stay provable while it grows`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            var history: [(size: TreeSize, root: Digest)] = []
            for size in stride(from: 1, through: 90, by: 4) {
                try await grow(ledger, to: size)
                history.append(try await ledger.root())
            }
            let last = try #require(history.last)
            for (size, root) in history {
                #expect(try await ledger.root(size: size).root == root)
                try await ledger.consistencyProof(from: size).verify(first: root, second: last.root)
            }
            #expect(try await ledger.summary().root == last.root)
        }
    }

    @Test(arguments: Store.all)
    func `each entry names the leaf hash of the one before and of its stream's one before`(_ store: Store) async throws
    {
        try await store.withLedger { ledger in
            try await grow(ledger, to: 80)
            var previous = Digest.zero
            var streams: [StreamName: Digest] = [:]
            for try await event in ledger.events() {
                let bytes = try event.entry.encoded()
                #expect(event.leaf == MerkleHash.leaf(bytes.span))
                #expect(event.entry.previous == previous && event.entry.streamPrevious == streams[event.stream])
                previous = event.leaf
                streams[event.stream] = event.leaf
            }
            #expect(streams.count == 6)
        }
    }

    @Test(arguments: Store.all)
    func `what cannot be proved is refused`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await grow(ledger, to: 20)
            let calls: [@Sendable () async throws -> Void] = [
                { _ = try await ledger.inclusionProof(of: 20) },
                { _ = try await ledger.inclusionProof(of: EntryIndex(.max)) },
                { _ = try await ledger.inclusionProof(of: 5, size: 5) },
                { _ = try await ledger.inclusionProof(of: 0, size: 0) },
                { _ = try await ledger.inclusionProof(of: 0, size: 21) },
                { _ = try await ledger.consistencyProof(from: 0) },
                { _ = try await ledger.consistencyProof(from: 9, to: 8) },
                { _ = try await ledger.consistencyProof(from: 9, to: TreeSize(.max)) },
                { _ = try await ledger.root(size: 21) },
            ]
            for (number, call) in calls.enumerated() {
                let error = await refusal { try await call() }
                #expect(error?.code == .outOfRange, "call \(number): \(error as Any)")
            }
            #expect(says(await refusal { try await ledger.root(size: 21) }, .outOfRange, "has 20 entries", "21"))
        }
    }
}
