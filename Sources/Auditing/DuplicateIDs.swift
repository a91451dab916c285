internal import EventFormat

/// Finds events that are recorded twice, with eight bytes of memory an event.
struct DuplicateIDs: Sendable {
    /// Halves of ids that stand more than once: different ids may share one, so the ids themselves are looked at then.
    let suspicious: Set<UInt64>
    private var seen: [EventID: UInt64] = [:]

    /// Takes the last eight bytes of each id. O(n log n).
    init(_ halves: consuming [UInt64]) {
        var halves = halves
        halves.sort()
        var suspicious: Set<UInt64> = []
        for number in halves.indices.dropFirst() where halves[number] == halves[number - 1] {
            suspicious.insert(halves[number])
        }
        self.suspicious = suspicious
    }

    /// Takes the entries of a bundle again, in order, those that are as they were recorded; returns those whose id
    /// stands before.
    mutating func take(_ facts: BundleFacts, _ hashes: RecordedHashes) -> [EntryFinding] {
        var findings: [EntryFinding] = []
        let recorded = hashes.hashes(of: facts)
        for (place, entry) in facts.entries.enumerated() where hashes.isRecorded(place, in: facts, recorded) {
            guard let layout = entry.layout, let range = entry.place else { continue }
            let bytes = facts.bytes.span.extracting(range)
            let id = layout.id(in: bytes)
            guard suspicious.contains(id.low) else { continue }
            let index = facts.first + UInt64(place)
            guard let earlier = seen[id] else {
                seen[id] = index
                continue
            }
            findings.append(
                EntryFinding(
                    .altered, at: EntryIndex(index), of: layout.text(layout.stream, in: bytes),
                    "its event \(id) is recorded at entry \(earlier) already: it was recorded twice"))
        }
        return findings
    }
}
