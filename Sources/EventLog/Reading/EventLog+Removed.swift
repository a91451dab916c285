internal import EventFormat
internal import Keyring

// Payloads that are not there: they are removed only when a recorded event says so.

extension EventLog {
    /// Throws ``LogError/Code/damaged`` when the payload of one of `events` is gone and no event in the view says by
    /// whose authority. O(1) when none is gone.
    func checkRemovals(
        _ events: [RecordedEvent], _ transaction: borrowing ReadTransaction
    ) throws(LogError) {
        guard events.contains(where: \.isPayloadRemoved) else { return }
        let head = try transaction.head(of: .ledger)
        let history = try Trust.read(transaction, head: head, after: core.trust.last).history
        for event in events where event.isPayloadRemoved { try history.checkRemoval(of: event.index) }
    }
}

extension KeyHistory {
    /// Throws ``LogError/Code/damaged`` unless a recorded event says that the payload of the entry was removed.
    func checkRemoval(of index: EntryIndex) throws(LogError) {
        guard removal(of: index) == nil else { return }
        throw LogError.damaged("the payload of entry \(index) is gone, and no recorded event authorises that")
    }
}
