internal import Digests
internal import EventFormat
internal import Ledger
internal import Merkle
internal import Processes
internal import Threading

extension BenchTask {
    private static let proofCount: UInt64 = 2000

    /// Makes proofs spread over the tree, on one thread that may block; reports the microseconds of one and how many
    /// hashes it has. They are made once before, so that their pages are in memory.
    static func makeProofs(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let ledger = try await ledger(words)
        let size = try await ledger.size()
        let isConsistency = try words.text("kind") == "consistency"
        let make: @Sendable () throws(LedgerError) -> (Int, Double) = { () throws(LedgerError) in
            let start = MonotonicTime.now
            let hashes = try ledger.measureProofs(proofCount, size: size, consistency: isConsistency)
            return (hashes, MonotonicTime.seconds(since: start))
        }
        _ = try await BlockingPool.shared.run(make)
        await ready()
        let (hashes, seconds) = try await BlockingPool.shared.run(make)
        await ledger.close()
        var figures = Figures()
        figures.add("microseconds", seconds / Double(proofCount) * 1e6)
        figures.add("hashes", Double(hashes) / Double(proofCount))
        return figures
    }

    /// Checks proofs that were made before; reports as ``makeProofs(_:_:)`` does.
    static func checkProofs(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let ledger = try await ledger(words)
        let isConsistency = try words.text("kind") == "consistency"
        let (size, root) = try await ledger.root()
        var inclusions: [(InclusionProof, Digest)] = []
        var consistencies: [(ConsistencyProof, Digest)] = []
        for number in 0..<proofCount {
            let place = 1 + (number &* 0x9e37_79b9_7f4a_7c15) % (size.rawValue - 1)
            if isConsistency {
                let first = TreeSize(place)
                consistencies.append(
                    (try await ledger.consistencyProof(from: first, to: size), try await ledger.root(size: first).root))
            } else {
                let index = EntryIndex(place)
                inclusions.append(
                    (try await ledger.inclusionProof(of: index, size: size), try await ledger.event(at: index).leaf))
            }
        }
        await ledger.close()
        await ready()
        let start = MonotonicTime.now
        for (proof, leaf) in inclusions { try proof.verify(leaf: leaf, root: root) }
        for (proof, first) in consistencies { try proof.verify(first: first, second: root) }
        let seconds = MonotonicTime.seconds(since: start)
        let hashes = (inclusions.map(\.0.hashes.count) + consistencies.map(\.0.hashes.count)).reduce(0, +)
        var figures = Figures()
        figures.add("microseconds", seconds / Double(proofCount) * 1e6)
        figures.add("hashes", Double(hashes) / Double(proofCount))
        return figures
    }

    /// Hashes tree nodes; reports the microseconds of one.
    static func hashNodes(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        await ready()
        let count = 100_000
        var node = Digest.zero
        let start = MonotonicTime.now
        for _ in 0..<count { node = SHA256.hash(prefix: 1, node, node) }
        var figures = Figures()
        figures.add("microseconds", MonotonicTime.seconds(since: start) / Double(count) * 1e6)
        figures.add("check", Double(node.bytes[0]))
        return figures
    }
}
