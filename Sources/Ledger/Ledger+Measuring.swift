internal import EventLog
internal import Merkle

extension Ledger {
    /// Makes `count` proofs spread over the tree of `size` entries, on the calling thread, and returns how many hashes
    /// they have together.
    ///
    /// For benchmarks: without the hop to a reading thread that each call of the async interface costs. Blocks.
    package func measureProofs(_ count: UInt64, size: UInt64, consistency: Bool) throws(LedgerError) -> Int {
        var hashes = 0
        for number in 0..<count {
            let place = 1 + (number &* 0x9e37_79b9_7f4a_7c15) % (size - 1)
            if consistency {
                hashes += try log.consistencyProof(from: TreeSize(place), to: TreeSize(size)).hashes.count
            } else {
                hashes += try log.inclusionProof(of: EntryIndex(place), size: TreeSize(size)).hashes.count
            }
        }
        return hashes
    }
}
