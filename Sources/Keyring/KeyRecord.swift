public import EventFormat
public import Signing

/// What a key may do. A key has one role, for ever.
public enum KeyRole: Hashable, Sendable {
    /// Signs the ledger's own events: keys, sources, witnesses, policies.
    case authority
    /// Signs appends of the events of one source.
    case source(SourceName)
    /// Signs checkpoints of the ledger.
    case log
    /// Cosigns checkpoints.
    case witness
}

extension KeyHistory {
    /// The keys that were revoked as compromised since a moment, with the moment: what they signed from then on
    /// deserves doubt. O(keys).
    public var compromisedKeys: [KeyID: Timestamp] {
        var keys: [KeyID: Timestamp] = [:]
        for record in self.keys {
            if case .revoked(_, let since?) = record.end?.cause { keys[record.id] = since }
        }
        return keys
    }
}

extension KeyRole: CustomStringConvertible {
    public var description: String {
        switch self {
        case .authority: "an authority key"
        case .source(let source): "a key of the source \(source)"
        case .log: "a log key"
        case .witness: "a witness's key"
        }
    }
}

/// A key as the ledger's events tell of it.
public struct KeyRecord: Hashable, Sendable {
    public let key: PublicKey
    public let id: KeyID
    public let role: KeyRole
    /// The entry that introduced it; it is in force from the next entry on.
    public let introduced: EntryIndex
    /// How it ended, if it has.
    public internal(set) var end: End?

    /// How a key ended.
    public struct End: Hashable, Sendable {
        /// The entry that ended it: the last one at which it is in force.
        public let index: EntryIndex
        public let cause: Cause
    }

    public enum Cause: Hashable, Sendable {
        /// Another key took its place.
        case rotated(to: KeyID)
        /// Revoked; what it signed from `compromisedSince` on deserves doubt.
        case revoked(reason: String, compromisedSince: Timestamp?)
    }

    init(_ key: PublicKey, _ role: KeyRole, introduced: EntryIndex) {
        self.key = key
        id = key.id
        self.role = role
        self.introduced = introduced
    }

    /// Whether the key may sign what begins at entry `index`: an event has effect from the next entry on.
    public func isInForce(at index: EntryIndex) -> Bool {
        guard introduced < index else { return false }
        guard let end else { return true }
        return end.index >= index
    }

    /// Why a signature of the key at `recorded` deserves doubt although the key was in force: it was revoked later as
    /// compromised since an earlier moment. Nil: nothing is known against it.
    public func doubt(at recorded: Timestamp) -> String? {
        guard let end, case .revoked(let reason, let since?) = end.cause, recorded >= since else { return nil }
        return "entry \(end.index) revokes the key as compromised since \(since): \(reason.escapingControls)"
    }
}
