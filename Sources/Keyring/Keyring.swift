public import EventFormat
public import Signing

/// The keys, sources, witnesses and the policy in force at one index: a ``KeyHistory`` as of an entry.
public struct Keyring: Hashable, Sendable {
    public let history: KeyHistory
    /// The entry for which this is: what the entries before it have said.
    public let index: EntryIndex

    /// The keys in force, in the order of their introduction. O(keys).
    public var keys: [KeyRecord] { history.keys.filter { $0.isInForce(at: index) } }

    /// The keys in force that have `role`. O(keys).
    public func keys(_ role: KeyRole) -> [KeyRecord] { keys.filter { $0.role == role } }

    /// The sources known, in that order. O(sources).
    public var sources: [SourceRecord] {
        history.sources.filter { ($0.registered.map { $0 < index } ?? false) || $0.hadKey(at: index) }
    }

    /// The witnesses registered and not revoked. O(witnesses).
    public var witnesses: [WitnessRecord] {
        history.witnesses.filter { history.record(of: $0.witness.publicKey.id)?.isInForce(at: index) ?? false }
    }

    /// The policy in force, nil before the first.
    public var policy: AdoptedPolicy? { history.policy(at: index) }

    /// Whether an event must be signed; see ``KeyHistory/requirement(type:source:at:)``.
    public func requirement(type: String, source: SourceName) -> Requirement {
        history.requirement(type: type, source: source, at: index)
    }

    /// The key `id`, if it may sign an append for `purpose` that begins here; see ``KeyHistory/signer(_:at:for:)``.
    public func signer(_ id: KeyID, for purpose: AppendPurpose) throws(KeyringError) -> KeyRecord {
        try history.signer(id, at: index, for: purpose)
    }
}

extension KeyHistory {
    /// The keyring in force for entry `index`. O(1).
    public func keyring(at index: EntryIndex) -> Keyring { Keyring(history: self, index: index) }
}
