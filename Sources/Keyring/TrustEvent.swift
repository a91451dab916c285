public import EventFormat
public import Signing
public import Transparency

/// An event by which a ledger says whom it trusts, recorded in the stream `ledger` with the origin as its source.
///
/// It has effect from the entry behind its own on. docs/format.md says what its payload holds.
public enum TrustEvent: Hashable, Sendable {
    /// `key.introduced`
    case keyIntroduced(PublicKey, role: KeyRole)
    /// `key.rotated`: the new key takes the role of the old one, which ends.
    case keyRotated(old: KeyID, new: PublicKey)
    /// `key.revoked`
    case keyRevoked(KeyID, reason: String, compromisedSince: Timestamp?)
    /// `source.registered`
    case sourceRegistered(SourceName, name: String?, keys: [PublicKey])
    /// `witness.registered`
    case witnessRegistered(Witness)
    /// `policy.adopted`
    case policyAdopted(LedgerPolicy)
    /// `payload.removed`
    case payloadRemoved(PayloadRemoval)
    /// `content.removed`
    case contentRemoved(ContentRemoval)

    /// Who cosigns checkpoints.
    public struct Witness: Hashable, Sendable {
        /// The key as text: `name+id+base64` (C2SP signed-note), of type 04.
        public let vkey: String
        /// Where it is asked.
        public let url: String?
        public let noteKey: NoteKey
        /// The key without its name: what the rule of one role a key compares.
        public let publicKey: PublicKey
    }

    /// The types, in the order of the cases.
    public static let types = [
        "key.introduced", "key.rotated", "key.revoked", "source.registered", "witness.registered", "policy.adopted",
        "payload.removed", "content.removed",
    ]

    /// The event's type.
    public var type: String {
        switch self {
        case .keyIntroduced: "key.introduced"
        case .keyRotated: "key.rotated"
        case .keyRevoked: "key.revoked"
        case .sourceRegistered: "source.registered"
        case .witnessRegistered: "witness.registered"
        case .policyAdopted: "policy.adopted"
        case .payloadRemoved: "payload.removed"
        case .contentRemoved: "content.removed"
        }
    }
}
