internal import Digests
internal import EventFormat
internal import Keyring
internal import LMDBFile
internal import Signing
internal import StoreFormat

/// By what the signatures of entries are judged.
enum SignatureRule: Sendable {
    /// By these keys and policies.
    case keys(KeyHistory)
    /// Nobody could ever sign and nothing needs a signature: the ledger has no keys but those of its authorities.
    case none
    /// Not at all: the keys are not known.
    case unknown

}

/// What the ledger's own events say of keys and policy.
///
/// The stream `ledger` is read by its links, in slices. That these lead to all of its events is for the check of the
/// streams to say: where they do not, there is a finding beside those that come of it.
struct KeyCheck {
    /// Entries of one view.
    private static let sliceCount = 4096

    let file: LedgerFile
    /// The number of entries that are verified.
    let size: UInt64
    let recent: RecentCheck
    let tally: SignatureTally

    /// The rule and the history of the keys, nil when it cannot be known, which the tally is told.
    func rule() throws(DataFileError) -> (SignatureRule, KeyHistory?) {
        guard let places = try places() else { return (.unknown, nil) }
        var replay = TrustReplay()
        var done = 0
        while done < places.count {
            let slice = places[done..<min(done + KeyCheck.sliceCount, places.count)]
            replay = try file.view { view in
                var replay = replay
                for place in slice { add(place, view, &replay) }
                return replay
            }
            done += slice.count
            tally.note(replay.takeVerdicts(), ofTrust: true)
        }
        replay.finish()
        tally.note(replay.takeVerdicts(), ofTrust: true)
        // What stands in a genesis that nothing follows makes no difference to any other entry.
        if places.count == 1 { return (.none, nil) }
        guard let history = replay.history else { return (.unknown, nil) }
        tally.expect(try doubts(history))
        let isBare = history.changes.isEmpty && history.gap == nil
        return (isBare ? .none : .keys(history), history)
    }

    private func add(_ place: UInt64, _ view: LedgerView, _ replay: inout TrustReplay) {
        let added: Void? = view.segment(holding: place) { segment, position, bytes in
            guard let range = try? segment.entry(position, in: bytes),
                let layout = try? EntryLayout(bytes.extracting(range)), layout.index.rawValue == place
            else { return nil }
            var envelope: [UInt8]?
            if let range = try? segment.envelope(position, in: bytes), !range.isEmpty {
                envelope = Array(collecting: bytes.extracting(range))
            }
            replay.add(layout, in: bytes.extracting(range), envelope: envelope)
            return ()
        }
        if added == nil { replay.addUnreadable(at: EntryIndex(place)) }
    }

    /// Where the events of the stream `ledger` stand, in order; nil when the way back does not end at entry 0.
    private func places() throws(DataFileError) -> [UInt64]? {
        let name = Array(StreamName.ledger.text.utf8)
        let indexed = try file.view { view -> UInt64? in
            let row = try? view.streams?.value(for: name.span) { try? StreamHead($0) }
            guard let head = row ?? nil else { return nil }
            return view.newest(of: head, below: size)?.index
        }
        guard var place = recent.newest[name]?.index ?? indexed else {
            return tally.giveUp("the index of streams does not name the stream \"ledger\"")
        }
        var places = [place]
        while place > 0 {
            let slice = try file.view { view in
                var slice: [UInt64] = []
                var last = place
                while slice.count < KeyCheck.sliceCount, let link = view.link(last)?.previous?.rawValue, link < last {
                    slice.append(link)
                    last = link
                }
                return slice
            }
            guard let last = slice.last else {
                return tally.giveUp("entry \(place) has no link to the event of the stream \"ledger\" before it")
            }
            places += slice
            place = last
        }
        return places.reversed()
    }

    /// From which entry on each key that was revoked as compromised since a moment deserves doubt. O(keys × log n).
    private func doubts(_ history: KeyHistory) throws(DataFileError) -> [KeyID: EntryIndex] {
        var doubts: [KeyID: EntryIndex] = [:]
        for record in history.keys {
            guard let end = record.end, case .revoked(_, let since?) = end.cause else { continue }
            doubts[record.id] = try file.view { view in
                var (low, high) = (record.introduced.rawValue, end.index.rawValue)
                while low < high {
                    let middle = low + (high - low) / 2
                    let isBefore = view.entry(middle) { layout, _ in layout.recorded < since } ?? false
                    if isBefore { low = middle + 1 } else { high = middle }
                }
                return EntryIndex(low)
            }
        }
        return doubts
    }
}
