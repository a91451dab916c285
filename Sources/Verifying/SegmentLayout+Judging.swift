internal import Digests
internal import EventFormat
internal import Merkle
internal import StoreFormat

/// Which of an entry's bytes and the leaf hash that is recorded for it are to be believed.
extension SegmentLayout {
    /// The leaf hash to go by for the entry at `position`, whose bytes have the hash `own`, and whether it is the entry
    /// that was altered.
    ///
    /// Where the two differ, it may be the entry after it that was altered, just where it names the leaf hash: then
    /// that one has a finding of its own. Nor is one at fault whose successor cannot be read.
    func judge(_ position: Int, own: Digest, in bytes: Span<UInt8>) -> (leaf: Digest, isAltered: Bool) {
        guard let recorded = try? leaf(position, in: bytes), recorded != own else { return (own, false) }
        if !storesLeaf(position), isSound(position + 1, after: own, in: bytes) { return (own, false) }
        return (recorded, true)
    }

    /// Whether the entry at `position` would have the leaf hash that is recorded for it if it named `previous` as that
    /// of the one before.
    private func isSound(_ position: Int, after previous: Digest, in bytes: Span<UInt8>) -> Bool {
        guard let recorded = try? leaf(position, in: bytes), let place = try? entry(position, in: bytes) else {
            return false
        }
        let entry = bytes.extracting(place)
        let index = EntryIndex(first.rawValue + UInt64(position))
        guard let offset = EntryLayout.previousOffset(of: index, in: entry) else { return false }
        var mended = Array(collecting: entry)
        mended.replaceSubrange(offset..<offset + Digest.byteCount, with: previous.bytes)
        return MerkleHash.leaf(mended.span) == recorded
    }

    /// The recorded leaf hash of the entry at `position`; its own where what names it cannot be read; nil when neither
    /// can.
    func anyLeaf(_ position: Int, in bytes: Span<UInt8>) -> Digest? {
        if let recorded = try? leaf(position, in: bytes) { return recorded }
        guard let place = try? entry(position, in: bytes) else { return nil }
        return MerkleHash.leaf(bytes.extracting(place))
    }
}
