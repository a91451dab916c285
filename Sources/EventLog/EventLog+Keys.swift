internal import Digests
public import EventFormat
public import Keyring
public import Signing

extension EventLog {
    /// The time by the log's clock.
    public var now: Timestamp { core.clock() }

    /// What the ledger's own events have said of keys, sources, witnesses and policies so far. O(1) when nothing was
    /// added since the last time.
    public func keyHistory() throws(LogError) -> KeyHistory {
        try read { transaction throws(LogError) in
            try Trust.read(transaction, head: transaction.head(of: .ledger), after: core.trust.last).history
        }
    }

    /// The first event of a ledger `origin` with its authority keys. Throws ``LogError/Code/invalid`` when a key stands
    /// twice.
    public static func genesis(of origin: Origin, authorities: [PublicKey]) throws(LogError) -> Event {
        var keys: [Genesis.AuthorityKey] = []
        var seen: Set<KeyID> = []
        for key in authorities {
            guard seen.insert(key.id).inserted else {
                throw LogError(.invalid, "the authority key \(key.id) was named twice; name it once")
            }
            do throws(FormatError) {
                keys.append(try Genesis.AuthorityKey(key))
            } catch {
                throw LogError(.invalid, error.reason)
            }
        }
        return Genesis(origin: origin).event(authorities: keys)
    }
}
